/** Something a command writes text to. */
export interface Output {
  write(text: string): void;
  /** Whether a person is looking: colour and lines that are drawn over only then. */
  readonly isTerminal: boolean;
}

/** Signals a command may want to know of. */
export type CliSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** All of the outside that a command touches besides files and network, so that tests can bring their own. */
export interface Io {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: {
    readonly isTerminal: boolean;
    /** @throws {CliError} usage – there are more than `maxBytes` */
    bytes(maxBytes: number): Promise<Uint8Array>;
    /** One line, without its end; `undefined` at the end of input. */
    line(): Promise<string | undefined>;
    /**
     * Asks on stderr and reads a line without showing what is typed; only for a terminal.
     *
     * @returns `undefined` when the user would not say.
     */
    secret(question: string): Promise<string | undefined>;
  };
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `handler` at each such signal, in place of ending, until the result is called. */
  onSignal(signal: CliSignal, handler: () => void): () => void;
}

/** A signal that is aborted when the user stops the command; dispose of it when done. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

/** Takes Ctrl-C and SIGTERM for this command, so that it can end in order. */
export function catchInterrupt(io: Io): Interrupt {
  const controller = new AbortController();
  const stop = () => controller.abort("interrupted by the user");
  const listeners = [io.onSignal("SIGINT", stop), io.onSignal("SIGTERM", stop)];
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const remove of listeners) remove();
    },
  };
}
