import { CliError } from "../errors.ts";

const READ_BYTES = 65_536;
const LINE_BYTES = 1_048_576;

/**
 * The lines of a file of any length, one at a time.
 *
 * @throws {CliError} no_such_file, file – it cannot be read, or one line is longer than 1 MiB
 */
export function* linesOf(path: string): Generator<string> {
  using file = open(path);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(READ_BYTES);
  let rest = "";
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
    rest = lines.pop()!;
    if (rest.length > LINE_BYTES) {
      throw new CliError("file", `Cannot read "${path}" as a line of it is longer than 1 MiB`);
    }
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (cause) {
    const code = cause instanceof Deno.errors.NotFound ? "no_such_file" : "file";
    throw new CliError(code, `Cannot read "${path}"`, undefined, { cause });
  }
}
