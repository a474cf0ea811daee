import { PATIENCE_MS } from "../within.ts";
import { readWhole } from "../../runtime/cli/terminal/process_io.ts";
import { type CliSignal, type Io, runCli } from "../../runtime/cli/mod.ts";

/** What a command did. */
export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as the one JSON value that `--json` promises. */
  json<T = Record<string, unknown>>(): T;
}

export interface TestIoOptions {
  cwd?: string;
  /** What is typed or piped in. */
  stdin?: string;
  /** A person is there: both outputs and stdin are a terminal. */
  terminal?: boolean;
  /** Milliseconds since the epoch. */
  now?: number;
}

/** An {@linkcode Io} that keeps what is written and never touches this process. */
export class TestIo implements Io {
  readonly cwd: string;
  readonly stdout;
  readonly stderr;
  readonly stdin;
  readonly #handlers = new Map<CliSignal, Set<() => void>>();
  readonly #watchers = new Set<() => void>();
  readonly #now: number | undefined;
  out = "";
  err = "";

  constructor({ cwd = "/", stdin = "", terminal = false, now }: TestIoOptions = {}) {
    this.cwd = cwd;
    this.#now = now;
    this.stdout = { isTerminal: terminal, write: (text: string) => this.#wrote("out", text) };
    this.stderr = { isTerminal: terminal, write: (text: string) => this.#wrote("err", text) };
    let rest = stdin;
    const line = () => {
      if (rest === "") return Promise.resolve(undefined);
      const [first = "", ...more] = rest.split("\n");
      rest = more.join("\n");
      return Promise.resolve(first);
    };
    this.stdin = {
      isTerminal: terminal,
      bytes: (maxBytes: number) => readWhole(new Blob([rest]).stream(), maxBytes),
      line,
      secret: (question: string) => {
        this.stderr.write(`${question}\n`);
        return line();
      },
    };
  }

  now(): number {
    return this.#now ?? Date.now();
  }

  onSignal(signal: CliSignal, handler: () => void): () => void {
    const handlers = this.#handlers.get(signal) ?? new Set();
    this.#handlers.set(signal, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /** Sends a signal to the command. */
  raise(signal: CliSignal): void {
    for (const handler of this.#handlers.get(signal) ?? []) handler();
  }

  /** Resolves with the match once a stream has written it; rejected when it never does. */
  written(stream: "out" | "err", pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`${pattern} was never written: ${this.out}${this.err}`));
      }, PATIENCE_MS);
      const look = () => {
        const match = pattern.exec(this[stream]);
        if (!match) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(match);
      };
      this.#watchers.add(look);
      look();
    });
  }

  #wrote(stream: "out" | "err", text: string): void {
    this[stream] += text;
    for (const look of [...this.#watchers]) look();
  }
}

/** Runs one command without a process. */
export async function writ(args: readonly string[], options: TestIoOptions = {}): Promise<Ran> {
  const io = new TestIo(options);
  const exit = await runCli(args, io);
  return ranWith(io, exit);
}

/** What came of a command that was run with `io`. */
export function ranWith(io: TestIo, exit: number): Ran {
  return { exit, stdout: io.out, stderr: io.err, json: () => JSON.parse(io.out) };
}
