import { collectBytes } from "../../core/collect_bytes.ts";
import { CliError } from "../errors.ts";
import type { CliSignal, Io, Output } from "./io.ts";

const LINE_BYTES = 65_536;
/** Keys of a terminal that does not work on them itself. */
const KEY = {
  interrupt: 3,
  end: 4,
  backspace: 8,
  newline: 10,
  enter: 13,
  eraseLine: 21,
  erase: 127,
} as const;

/** The {@linkcode Io} of this process. */
export function processIo(): Io {
  return {
    cwd: Deno.cwd(),
    stdout: outputTo(Deno.stdout),
    stderr: outputTo(Deno.stderr),
    stdin: {
      isTerminal: Deno.stdin.isTerminal(),
      bytes: (maxBytes) => readWhole(Deno.stdin.readable, maxBytes),
      line: readLine,
      secret: readSecret,
    },
    now: () => Date.now(),
    onSignal(signal: CliSignal, handler: () => void) {
      if (Deno.build.os === "windows" && signal !== "SIGINT") return () => {};
      Deno.addSignalListener(signal, handler);
      return () => Deno.removeSignalListener(signal, handler);
    },
  };
}

function outputTo(stream: typeof Deno.stdout): Output {
  return {
    isTerminal: stream.isTerminal(),
    write(text) {
      const bytes = new TextEncoder().encode(text);
      for (let done = 0; done < bytes.length;) done += writeSome(stream, bytes.subarray(done));
    },
  };
}

/** A parent may have made the pipe non-blocking; then a full one is waited for. */
function writeSome(stream: typeof Deno.stdout, bytes: Uint8Array): number {
  for (;;) {
    try {
      return stream.writeSync(bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/**
 * Reads standard input to its end.
 *
 * @throws {CliError} usage – there are more than `maxBytes`
 */
export async function readWhole(
  stdin: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<Uint8Array> {
  const all = await collectBytes(stdin, maxBytes);
  if (all) return all;
  throw new CliError("usage", `Cannot read standard input as it is longer than ${maxBytes} bytes`);
}

async function readLine(): Promise<string | undefined> {
  const bytes: number[] = [];
  const one = new Uint8Array(1);
  while (bytes.length < LINE_BYTES) {
    const count = await Deno.stdin.read(one);
    if (count === null) return bytes.length > 0 ? decode(bytes) : undefined;
    if (one[0] === 10) break;
    bytes.push(one[0]!);
  }
  return decode(bytes);
}

/** Raw, so that the terminal shows nothing; what it would have done with keys is done here. */
async function readSecret(question: string): Promise<string | undefined> {
  const stderr = outputTo(Deno.stderr);
  // First, so that nothing is shown of what is typed as soon as the question is there.
  Deno.stdin.setRaw(true);
  stderr.write(question);
  try {
    const typed: number[] = [];
    const one = new Uint8Array(1);
    while (typed.length < LINE_BYTES && await Deno.stdin.read(one) !== null) {
      const [key = 0] = one;
      if (key === KEY.enter || key === KEY.newline) return decode(typed);
      if (key === KEY.interrupt || (key === KEY.end && typed.length === 0)) break;
      if (key === KEY.erase || key === KEY.backspace) eraseCharacter(typed);
      else if (key === KEY.eraseLine) typed.length = 0;
      else typed.push(key);
    }
    return undefined;
  } finally {
    Deno.stdin.setRaw(false);
    stderr.write("\n");
  }
}

/** The whole of a character, which may be several bytes of UTF-8. */
function eraseCharacter(typed: number[]): void {
  while (((typed.pop() ?? 0) & 0xc0) === 0x80);
}

function decode(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes)).replace(/\r$/, "");
}
