import { DEFAULT_LIMITS, type Grant } from "../../core/documents/grant.ts";
import { InputSchema } from "../../core/input_schema/input_schema.ts";
import { originalTrace } from "../../core/source_map.ts";
import { assertGrantedPaths } from "../../policy/check_granted_paths.ts";
import { denoFlags } from "../../policy/deno_flags.ts";
import { withFolder } from "../../policy/folder_rights.ts";
import { type CellGrant, type CellModule, type RunEvent, Sandbox } from "../../sandbox/mod.ts";
import type { BuildOptions, BuiltModule } from "../build_module.ts";
import { type LentGrant, TrialLending } from "./trial_lending.ts";

/** What Deno calls the module in a cell. */
const BLOB_URL = /blob:null\/[0-9a-f-]{36}/g;

/** What a module is tried under. Default: no permission, and {@linkcode DEFAULT_LIMITS}. */
export type TrialGrant =
  & Pick<Grant, "permissions" | "limits">
  & LentGrant
  & Pick<Grant, "minLevel">;

/** How a trial is prepared. */
export interface TrialOptions {
  readonly grant?: TrialGrant;
  readonly signal?: AbortSignal;
  /** Held against `input` where there is one; an agent holds every input against it. */
  readonly inputSchema?: unknown;
  readonly input?: unknown;
}

/** Makes the module, with what else runs in cells. */
export type Build = (how: BuildOptions) => Promise<BuiltModule>;

/** A module with all that a cell for it needs. */
export interface Trial {
  readonly sandbox: Sandbox;
  readonly cell: CellGrant;
  readonly module: CellModule;
  readonly lending: TrialLending;
  /** With the places of traces in the author's own files. */
  own<Event extends RunEvent>(event: Event): Event;
  ownText(text: string): string;
}

/**
 * Prepares a local, unsigned module as an agent would. In order: the grant is compiled, the isolation
 * level is found and compared, the input is held against its schema, the module is built, what the
 * grant lends is laid out.
 *
 * @param stack Takes what must be let go after the trial.
 * @param name What stands in stack traces for a module of one file.
 * @throws {LevelTooLow}, {VerificationError} – an agent would refuse it
 * @throws {PolicyError}, {CellError}, and what `build` throws
 */
export async function prepareTrial(
  stack: AsyncDisposableStack,
  name: string,
  build: Build,
  { grant, signal, inputSchema, input }: TrialOptions,
): Promise<Trial> {
  const permissions = grant?.permissions ?? {};
  const flags = denoFlags(permissions);
  await assertGrantedPaths(permissions);
  const sandbox = stack.use(await Sandbox.open());
  requireLevel(sandbox.level, grant?.minLevel ?? 0);
  if (inputSchema !== undefined) (await InputSchema.read(inputSchema)).require(input);
  const built = await build({ sandbox, ...(signal ? { signal } : {}) });
  const lending = stack.use(await TrialLending.open(grant ?? {}, sandbox.host.cellUid));
  const { allow, deny, worker } = flags;
  const rights = lending.dir === undefined
    ? { allow, deny, worker }
    : withFolder(flags, lending.dir);
  const map = built.sourceMap && new TextDecoder().decode(built.sourceMap);
  const scriptUrl = map ? "script://local" : `script://local/${name}`;
  const ownText = (text: string) => {
    const named = text.replace(BLOB_URL, scriptUrl);
    return map ? originalTrace(named, scriptUrl, map) : named;
  };
  return {
    sandbox,
    cell: { rights, limits: grant?.limits ?? DEFAULT_LIMITS },
    module: { javascript: built.javascript, scriptUrl },
    lending,
    ownText,
    own(event) {
      if (event.type === "log") return { ...event, text: ownText(event.text) };
      // A test that fails sends its trace along.
      if (event.type === "event") return { ...event, data: inStrings(event.data, ownText) };
      return event;
    },
  };
}

function inStrings(data: unknown, change: (text: string) => string): unknown {
  const text = JSON.stringify(data);
  return text === undefined ? data : JSON.parse(change(text));
}

function requireLevel(level: number, needed: number): void {
  if (level < needed) throw new LevelTooLow(level, needed);
}

/** The grant demands more isolation than this machine has. */
export class LevelTooLow extends Error {
  readonly code = "isolation_level";

  constructor(level: number, needed: number) {
    super(
      `Cannot run the script as its grant demands isolation level ${needed}: ` +
        `this machine has ${level}`,
    );
  }
}
