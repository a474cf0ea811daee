import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { failureOf, failureText } from "../failure.ts";
import { catchInterrupt } from "../terminal/io.ts";

/** An editor saves in several steps; all of them are one change. */
const SETTLED_MS = 50;
const CLEAR_SCREEN = "\x1b[2J\x1b[3J\x1b[H";
/** What tools write beside the author's files. */
const NOT_THE_AUTHORS = /\/(?:node_modules|\.git|dist)\/|\/[^/]*(?:~|\.sw[a-z]|\.tmp)$/;

/**
 * Runs something, and again after each change in a folder, until the user stops it. A run that is
 * under way when something changes is aborted. Failures are told and do not end it.
 *
 * @returns 0.
 */
export async function rerunOnChange(
  cli: Cli,
  folder: string,
  run: (signal: AbortSignal) => Promise<unknown>,
): Promise<number> {
  if (cli.json) throw new CliError("usage", "Cannot watch with --json: it is one value, once");
  using interrupt = catchInterrupt(cli.io);
  // Watched before the first run, so that no change is missed.
  const watcher = Deno.watchFs(folder);
  const rerun = new Rerun(cli, run);
  interrupt.signal.addEventListener("abort", () => watcher.close());
  rerun.start();
  for await (const { kind, paths } of watcher) {
    if (kind === "access" || paths.every((path) => NOT_THE_AUTHORS.test(path))) continue;
    rerun.soon();
  }
  await rerun.stop();
  return 0;
}

class Rerun {
  readonly #cli: Cli;
  readonly #run: (signal: AbortSignal) => Promise<unknown>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #current = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(cli: Cli, run: (signal: AbortSignal) => Promise<unknown>) {
    this.#cli = cli;
    this.#run = run;
  }

  start(): void {
    const before = this.#ended;
    this.#current.abort("changed");
    const { signal } = this.#current = new AbortController();
    this.#ended = before.then(async () => {
      if (signal.aborted) return;
      const { stderr } = this.#cli.io;
      if (stderr.isTerminal) stderr.write(CLEAR_SCREEN);
      try {
        await this.#run(signal);
      } catch (error) {
        stderr.write(failureText(failureOf(error), this.#cli.err));
      }
      if (!signal.aborted) {
        this.#cli.note(this.#cli.err.dim("Waiting for a change; Ctrl-C ends it"));
      }
    });
  }

  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), SETTLED_MS);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#current.abort("interrupted by the user");
    await this.#ended;
  }
}
