/** Writes a line where people and pipes read it. */
export function print(
  text: string,
  to: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout,
): void {
  to.writeSync(new TextEncoder().encode(text + "\n"));
}

/**
 * A count of one at least, as an option says it.
 *
 * @throws {RangeError} when it is none, or has more digits than it may.
 */
export function countFrom(name: string, text: string, digits = 9): number {
  if (/^[1-9]\d*$/.test(text) && text.length <= digits) return Number(text);
  throw new RangeError(`${name} is not a count: ${text}`);
}
