import { printable, printableLines } from "../../core/printable.ts";
import type { RunEvent } from "../../sandbox/mod.ts";
import type { Cli } from "../cli.ts";
import { costWords } from "./cost_words.ts";
import { describeOutcome, type EndedRun, hintFor } from "./outcome_words.ts";

const BAR_CELLS = 24;
const CLEAR_LINE = "\r\x1b[2K";
/** Logs in the colours people expect. */
const LEVEL_PAINT = { debug: "dim", info: "cyan", warn: "yellow", error: "red" } as const;

/**
 * Shows a run as it happens, on stderr: a line for each thing the script says, one progress line
 * that is drawn over on a terminal, and the outcome. Silent with `--json`.
 */
export class RunLines {
  readonly #cli: Cli;
  #drawn = "";

  constructor(cli: Cli) {
    this.#cli = cli;
  }

  event(event: RunEvent): void {
    const { err } = this.#cli;
    switch (event.type) {
      case "log":
        return this.#line(
          `${err[LEVEL_PAINT[event.level]](event.level.padEnd(5))} ${
            printableLines(event.text, "      ")
          }`,
        );
      case "event":
        return this.#line(
          `${err.cyan("event")} ${printable(`${event.name} ${JSON.stringify(event.data)}`)}`,
        );
      case "progress":
        return this.#progress(event.fraction, printable(event.message ?? ""));
    }
  }

  /** The last line, with what to do where that is known. */
  end(run: EndedRun): void {
    const { err } = this.#cli;
    const paint = run.outcome === "ok" ? err.green : err.red;
    const words = describeOutcome(run);
    // Not behind the last line of a stack trace.
    const space = words.includes("\n") ? "\n" : " ";
    this.#line(`${paint(run.outcome)}${words}${space}${err.dim(figuresOf(run))}`);
    const hint = hintFor(run);
    if (hint) this.#line(`${err.cyan("hint:")} ${printable(hint)}`);
  }

  #progress(fraction: number, message: string): void {
    const percent = `${Math.round(fraction * 100)} %`.padStart(5);
    if (!this.#cli.io.stderr.isTerminal) return this.#line(`progress ${percent} ${message}`);
    if (this.#cli.json) return;
    const full = Math.round(fraction * BAR_CELLS);
    this.#drawn = `${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)} ${percent} ${message}`;
    this.#cli.io.stderr.write(CLEAR_LINE + this.#drawn.slice(0, 100));
  }

  #line(text: string): void {
    if (this.#cli.json) return;
    const { stderr } = this.#cli.io;
    if (this.#drawn !== "") stderr.write(CLEAR_LINE);
    this.#drawn = "";
    stderr.write(text.trimEnd() + "\n");
  }
}

function figuresOf(run: EndedRun): string {
  return run.level === null ? "" : `(${costWords(run)}, level ${run.level})`;
}
