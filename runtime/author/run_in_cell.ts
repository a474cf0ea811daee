import { DEFAULT_LIMITS, type Grant } from "../core/documents/grant.ts";
import { VerificationError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import { InputSchema } from "../core/input_schema/input_schema.ts";
import { originalTrace } from "../core/source_map.ts";
import { assertGrantedPaths } from "../policy/check_granted_paths.ts";
import { denoFlags } from "../policy/deno_flags.ts";
import type { BuildOptions, BuiltModule } from "./build_module.ts";
import { type LogLine, logLineOf } from "./log_line.ts";
import { type AttachmentSource, type RunEvent, Sandbox } from "../sandbox/mod.ts";

/** What Deno calls the module in a cell. */
const BLOB_URL = /blob:null\/[0-9a-f-]{36}/g;

/** How {@linkcode runInCell} runs a module. */
export interface TryOptions {
  /** JSON. Default: `null`. */
  readonly input?: unknown;
  /** What the manifest says of the input; an agent holds every input against it. */
  readonly inputSchema?: unknown;
  readonly attachments?: readonly AttachmentSource[];
  /** Default: no permission, and {@linkcode DEFAULT_LIMITS}. */
  readonly grant?: Pick<Grant, "permissions" | "limits" | "minLevel">;
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
}

/** Makes the module, with what else runs in cells. */
export type Build = (how: BuildOptions) => Promise<BuiltModule>;

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
  const { grant, input = null, attachments = [], signal, onEvent } = options;
  const logs: LogLine[] = [];
  const permissions = grant?.permissions ?? {};
  const rights = denoFlags(permissions);
  await assertGrantedPaths(permissions);
  const limits = grant?.limits ?? DEFAULT_LIMITS;
  await using sandbox = await Sandbox.open();
  let built: BuiltModule;
  try {
    requireLevel(sandbox.level, grant?.minLevel ?? 0);
    const how = { sandbox, ...(signal ? { signal } : {}) };
    if (options.inputSchema !== undefined) {
      (await InputSchema.read(options.inputSchema)).require(input);
    }
    built = await build(how);
  } catch (error) {
    if (signal?.aborted) return report(cancelled(signal));
    if (!(error instanceof VerificationError || error instanceof LevelTooLow)) throw error;
    return report({ outcome: "refused", detail: { rule: error.code, message: error.message } });
  }
  const map = built.sourceMap && new TextDecoder().decode(built.sourceMap);
  const scriptUrl = map ? "script://local" : `script://local/${name}`;
  const own = (text: string) => {
    const named = text.replace(BLOB_URL, scriptUrl);
    return map ? originalTrace(named, scriptUrl, map) : named;
  };
  const { outcome, figures } = await sandbox.run({ rights, limits }, {
    javascript: built.javascript,
    scriptUrl,
    input,
    attachments,
    ...(signal ? { signal } : {}),
    onEvent(event) {
      if (event.type === "log") event = { ...event, text: own(event.text) };
      // A test that fails sends its trace along.
      if (event.type === "event") event = { ...event, data: inStrings(event.data, own) };
      logs.push(logLineOf(event));
      onEvent?.(event);
    },
  });
  if (outcome.outcome === "script_error" && outcome.detail.stack !== undefined) {
    outcome.detail.stack = own(outcome.detail.stack);
  }
  const { cpuMs, wallMs, peakBytes, level } = figures;
  return report(outcome, { cpuMs, wallMs, peakBytes, level, logs });
}

function inStrings(data: unknown, change: (text: string) => string): unknown {
  const text = JSON.stringify(data);
  return text === undefined ? data : JSON.parse(change(text));
}

function requireLevel(level: number, needed: number): void {
  if (level < needed) throw new LevelTooLow(level, needed);
}

class LevelTooLow extends Error {
  readonly code = "isolation_level";

  constructor(level: number, needed: number) {
    super(
      `Cannot run the script as its grant demands isolation level ${needed}: ` +
        `this machine has ${level}`,
    );
  }
}

function cancelled({ reason }: AbortSignal): Outcome {
  return { outcome: "cancelled", detail: { reason: String(reason) } };
}

/** What is refused before its own cell costs nothing. */
const NOTHING_RAN = { cpuMs: 0, wallMs: 0, peakBytes: 0, level: null, logs: [] };

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
