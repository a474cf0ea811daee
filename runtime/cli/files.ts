import { CliError } from "./errors.ts";

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
