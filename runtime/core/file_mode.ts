/** The bits by which a file's group, or everybody, may do anything with it. */
export const OPEN_TO_OTHERS = 0o077;
/** The bits by which a file's group, or everybody, may write it. */
export const WRITABLE_BY_OTHERS = 0o022;

/** A mode as `chmod` takes it: four octal digits. */
export function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}
