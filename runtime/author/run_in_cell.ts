import { VerificationError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { AttachmentSource, RunEvent } from "../sandbox/mod.ts";
import { type LogLine, logLineOf } from "./log_line.ts";
import {
  type Build,
  LevelTooLow,
  prepareTrial,
  type Trial,
  type TrialGrant,
} from "./trial/prepare_trial.ts";

/** How {@linkcode runInCell} runs a module. */
export interface TryOptions {
  /** JSON. Default: `null`. */
  readonly input?: unknown;
  /** What the manifest says of the input; an agent holds every input against it. */
  readonly inputSchema?: unknown;
  readonly attachments?: readonly AttachmentSource[];
  /** Default: no permission, no capability, and the limits of a grant that names none. */
  readonly grant?: TrialGrant;
  readonly signal?: AbortSignal;
  /** Told as it happens; the report has all of it again. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** How a tried module ended. Every field is always there, `null` where there is nothing to say. */
export interface TryReport {
  readonly outcome: Outcome["outcome"];
  /** What the script returned, for `ok`. */
  readonly result: unknown;
  /** What is known of any other outcome. */
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakBytes: number;
  /** Isolation level of the cell; `null` when none was started. */
  readonly level: number | null;
  readonly logs: readonly LogLine[];
  /** What the script scheduled: nothing else becomes of it. */
  readonly scheduled: readonly ScheduledRun[];
}

/** A run that a tried script asked for. */
export interface ScheduledRun {
  /** UTC. */
  readonly at: string;
  readonly key: string | null;
  readonly input: unknown;
}

/**
 * Runs a local, unsigned module in the same cell as an agent would.
 *
 * In order: the grant is compiled, the isolation level is found and compared, the input is held
 * against its schema, the module is built and prepared as an agent prepares it, the cell runs. What
 * an agent would refuse ends as `refused`, not as an error.
 *
 * @param name What stands in stack traces for a module of one file.
 * @returns How it ended, whatever the script does.
 * @throws {PolicyError} bad_value, needs_unsafe, overlap – when the grant cannot be compiled
 * @throws {PolicyError} missing_file, symlink – when a granted path is not what it says
 * @throws {CellError} no_deno, calibration, not_started – when this machine can start no cell
 * @throws what `build` throws besides `VerificationError`
 */
export async function runInCell(
  name: string,
  build: Build,
  options: TryOptions,
): Promise<TryReport> {
  const { input = null, attachments = [], signal, onEvent } = options;
  const logs: LogLine[] = [];
  await using stack = new AsyncDisposableStack();
  let trial: Trial;
  try {
    trial = await prepareTrial(stack, name, build, { ...options, input });
  } catch (error) {
    if (signal?.aborted) return report(cancelled(signal));
    if (!(error instanceof VerificationError || error instanceof LevelTooLow)) throw error;
    return report({ outcome: "refused", detail: { rule: error.code, message: error.message } });
  }
  const { sandbox, cell, module, lending } = trial;
  const signals = [signal, lending.full].filter((signal) => signal !== undefined);
  const { outcome, figures } = await sandbox.run(cell, {
    ...module,
    input,
    attachments,
    capabilities: lending.lend(),
    ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
    onEvent(said) {
      const event = trial.own(said);
      logs.push(logLineOf(event));
      onEvent?.(event);
    },
  });
  if (outcome.outcome === "script_error" && outcome.detail.stack !== undefined) {
    outcome.detail.stack = trial.ownText(outcome.detail.stack);
  }
  const { cpuMs, wallMs, peakBytes, level } = figures;
  const scheduled = lending.scheduled.map(({ at, key, input }) => ({
    at: new Date(at).toISOString(),
    key: key ?? null,
    input,
  }));
  return report(outcome, { cpuMs, wallMs, peakBytes, level, logs, scheduled });
}

function cancelled({ reason }: AbortSignal): Outcome {
  return { outcome: "cancelled", detail: { reason: String(reason) } };
}

/** What is refused before its own cell costs nothing. */
const NOTHING_RAN = { cpuMs: 0, wallMs: 0, peakBytes: 0, level: null, logs: [], scheduled: [] };

function report(
  outcome: Outcome,
  figures: Omit<TryReport, "outcome" | "result" | "detail"> = NOTHING_RAN,
): TryReport {
  return {
    outcome: outcome.outcome,
    result: outcome.outcome === "ok" ? outcome.result : null,
    detail: outcome.outcome === "ok" ? null : outcome.detail,
    ...figures,
  };
}
