import type { CliSignal, Io, Output } from "./io.ts";

const LINE_BYTES = 65_536;

/** The {@linkcode Io} of this process. */
export function processIo(): Io {
  return {
    cwd: Deno.cwd(),
    stdout: outputTo(Deno.stdout),
    stderr: outputTo(Deno.stderr),
    stdin: {
      isTerminal: Deno.stdin.isTerminal(),
      bytes: readAll,
      line: readLine,
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

async function readAll(maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of Deno.stdin.readable) {
    length += chunk.length;
    if (length > maxBytes) throw new RangeError(`standard input is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
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

function decode(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes)).replace(/\r$/, "");
}
