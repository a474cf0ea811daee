import { CliError } from "../errors.ts";

/**
 * Reads a file that the user named.
 *
 * @param path Absolute.
 * @param shown The path as the user wrote it.
 * @throws {CliError} no_such_file – when it does not exist
 * @throws {CliError} file – when it cannot be read, or is longer than `maxBytes`
 */
export async function readUserFile(
  path: string,
  shown: string,
  maxBytes: number,
): Promise<Uint8Array> {
  try {
    const { size, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw new CliError("file", `Cannot read "${shown}" as it is a folder`);
    if (size > maxBytes) {
      throw new CliError(
        "file",
        `Cannot read "${shown}" as it is longer than ${maxBytes} bytes: ${size}`,
      );
    }
    return await Deno.readFile(path);
  } catch (error) {
    throw fileError("read", shown, error);
  }
}

/**
 * Reads a pipe that whoever started us left open, to its end: for what must stand in no file, no
 * argument and no variable.
 *
 * @param number As the user wrote it.
 * @throws {CliError} usage – when it is no number of a descriptor beyond standard error
 * @throws {CliError} file – when it is no open pipe, or gives more than `maxBytes`
 */
export async function readDescriptor(number: string, maxBytes: number): Promise<Uint8Array> {
  if (!/^(?:[3-9]|[1-9]\d{1,3})$/.test(number)) {
    throw new CliError("usage", `Cannot use "${number}" as a descriptor: it is a number from 3 up`);
  }
  const shown = `descriptor ${number}`;
  let bytes: Uint8Array;
  try {
    // Deno opens a pipe so; a file that is open it gives only to programs with every right.
    bytes = await Deno.readFile(`/dev/fd/${number}`);
  } catch (cause) {
    const hint = `give it one, as in ${number}< <(pass show writ)`;
    throw new CliError("file", `Cannot read ${shown} as it is no open pipe`, hint, { cause });
  }
  if (bytes.length <= maxBytes) return bytes;
  throw new CliError("file", `Cannot read ${shown} as it is longer than ${maxBytes} bytes`);
}

/** What the system said about a file, in words. */
export function fileError(verb: "read" | "write", shown: string, error: unknown): Error {
  if (error instanceof CliError) return error;
  const options = { cause: error };
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    const what = verb === "read" ? "it does not exist" : "its folder does not exist";
    return new CliError("no_such_file", `Cannot ${verb} "${shown}" as ${what}`, undefined, options);
  }
  if (error instanceof Deno.errors.IsADirectory) {
    const message = `Cannot ${verb} "${shown}" as it is a folder`;
    return new CliError("file", message, undefined, options);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    const message = `Cannot ${verb} "${shown}" as its permissions forbid it`;
    return new CliError("file", message, undefined, options);
  }
  if (error instanceof Error) {
    return new CliError("file", `Cannot ${verb} "${shown}": ${error.message}`, undefined, options);
  }
  return new TypeError(String(error));
}
