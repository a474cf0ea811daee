import type { Life } from "../../core/documents/grant.ts";
import type {
  CellFetch,
  CellResponse,
  LiveScript,
  RunEvent,
  RunReport,
} from "../../sandbox/mod.ts";
import { type Build, prepareTrial, type Trial, type TrialOptions } from "./prepare_trial.ts";

/** How {@linkcode openEndpoint} serves. */
export interface EndpointOptions extends Omit<TrialOptions, "input" | "inputSchema"> {
  /** Default: `fresh`. A warm script is served from one cell, as a live one is. */
  readonly life?: Life;
  /** Told what the script says. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Told how a run ended that the script had scheduled. */
  readonly onRun?: (report: RunReport) => void;
}

/** A script whose `fetch` is tried. */
export interface TrialEndpoint extends AsyncDisposable {
  /** @throws {FetchFailed} when the script ends before it has said status and headers */
  fetch(request: Omit<CellFetch, "capabilities" | "facts" | "onEvent">): Promise<CellResponse>;
}

/**
 * Opens a local, unsigned module's endpoint: requests are answered in cells as an agent would have
 * them, and what the script schedules runs when its time comes.
 *
 * @throws {LevelTooLow}, {VerificationError} – an agent would refuse it
 * @throws {PolicyError}, {CellError}, and what `build` throws
 */
export async function openEndpoint(
  name: string,
  build: Build,
  options: EndpointOptions = {},
): Promise<TrialEndpoint> {
  await using stack = new AsyncDisposableStack();
  const trial = await prepareTrial(stack, name, build, options);
  return new Endpoint(trial, options, stack.move());
}

class Endpoint implements TrialEndpoint {
  readonly #trial: Trial;
  readonly #options: EndpointOptions;
  readonly #stack: AsyncDisposableStack;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #live: LiveScript | undefined;

  constructor(trial: Trial, options: EndpointOptions, stack: AsyncDisposableStack) {
    this.#trial = trial;
    this.#options = options;
    this.#stack = stack;
    this.#onEvent = (event) => options.onEvent?.(trial.own(event));
    trial.lending.onSchedule = ({ at }) => this.#look(at - Date.now());
  }

  async fetch(asked: Parameters<TrialEndpoint["fetch"]>[0]): Promise<CellResponse> {
    const { sandbox, cell, module, lending } = this.#trial;
    const signals = [asked.signal, lending.full].filter((signal) => signal !== undefined);
    const request = {
      ...asked,
      capabilities: lending.lend(),
      onEvent: this.#onEvent,
      signal: AbortSignal.any(signals),
    };
    if (this.#kept) return await this.#running().fetch(request);
    return await sandbox.fetch(cell, module, request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#live?.close();
    await this.#stack.disposeAsync();
  }

  get #kept(): boolean {
    return (this.#options.life ?? "fresh") !== "fresh";
  }

  #running(): LiveScript {
    if (this.#live?.alive) return this.#live;
    const { sandbox, cell, module } = this.#trial;
    return this.#live = sandbox.live(cell, module, { onEvent: this.#onEvent });
  }

  /** Runs what is due after a while; a wake that was replaced or taken back is not there then. */
  #look(ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const { scheduled } = this.#trial.lending;
      const due = scheduled.findIndex(({ at }) => at <= Date.now());
      if (due >= 0) this.#run(scheduled.splice(due, 1)[0]!.input);
    }, Math.max(0, Math.min(ms, 2 ** 31 - 1)));
    this.#timers.add(timer);
  }

  async #run(input: unknown): Promise<void> {
    const { sandbox, cell, module, lending } = this.#trial;
    const call = { input, capabilities: lending.lend(), onEvent: this.#onEvent };
    const report = this.#kept
      ? await this.#running().call(call)
      : await sandbox.run(cell, { ...module, ...call });
    this.#options.onRun?.(report);
  }
}
