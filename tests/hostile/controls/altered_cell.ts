import { DEFAULT_LIMITS, type Limits } from "../../../runtime/core/documents/grant.ts";
import type { Outcome } from "../../../runtime/core/outcome.ts";
import { encodeFrame } from "../../../runtime/sandbox/frame.ts";
import { LiveScript } from "../../../runtime/sandbox/live_script.ts";
import { LoadedScript } from "../../../runtime/sandbox/loaded_script.ts";
import { CALL_BOUNDS, type CallBounds, type RunReport } from "../../../runtime/sandbox/mod.ts";
import {
  type CellRights,
  NO_RIGHTS,
  type SpawnVector,
  spawnVector,
} from "../../../runtime/sandbox/spawn_vector.ts";
import type { Attack, Control } from "../attack.ts";
import type { Canaries, Targets } from "../canaries.ts";
import type { Observation } from "../observation.ts";
import { serve } from "../served.ts";
import type { Stage } from "../stage.ts";
import { attackRequest, rightsOf } from "../subject.ts";
import { WatchedCell } from "./watched_cell.ts";

/** What is taken away from, or changed in, the real cell. */
export interface Alteration {
  /** Rights in place of the attack's own. */
  rights?: CellRights | ((at: Targets) => CellRights);
  /** Limits over the attack's own. */
  limits?: Partial<Limits>;
  /** What is lent is lent without its protection. */
  unguarded?: boolean;
  /** What a script may ask of the agent. */
  bounds?: Partial<CallBounds>;
  /** Arguments of the exec chain that are left out or replaced, by how they begin. */
  args?: readonly (readonly [beginning: string, instead?: string])[];
  /** Set for the cell's Deno. */
  env?: (at: Targets) => Record<string, string>;
  /** Texts of the harness that are replaced; each must occur. */
  harness?: readonly (readonly [from: string, to: string])[];
  /** A frame that an agent would not send, sent again and again. */
  lateFrame?: (canaries: Canaries) => { kind: number; body: string };
}

/** Time from one late frame to the next. */
const LATE_MS = 5;

/** Holds one permission of Deno in full, process and worker. */
export function holding(...permissions: (keyof Deno.PermissionOptionsObject)[]): CellRights {
  return {
    allow: permissions.map((permission) => `--allow-${permission}`),
    deny: [],
    worker: Object.fromEntries(permissions.map((permission) => [permission, true])),
  };
}

/** The narrowest control: the very cell that agents use, with one thing about it changed. */
export function alteredCell(off: string, alteration: Alteration): Control {
  return {
    off,
    async run(attack, canaries, stage) {
      const { script, accomplice } = attackRequest(attack, canaries, !alteration.unguarded);
      if (accomplice) await runIn(stage, attack, alteration, canaries, accomplice);
      return await runIn(stage, attack, alteration, canaries, script);
    },
  };
}

async function runIn(
  stage: Stage,
  attack: Attack,
  alteration: Alteration,
  canaries: Canaries,
  script: ReturnType<typeof attackRequest>["script"],
): Promise<Observation> {
  const at = canaries.targets;
  const limits = { ...DEFAULT_LIMITS, ...attack.limits, ...alteration.limits };
  const grant = { rights: rightsOf(alteration.rights ?? attack.rights ?? NO_RIGHTS, at), limits };
  const vector = alter(
    spawnVector(stage.host, grant, stage.baseline, true),
    alteration,
    at,
  );
  using cell = new WatchedCell(vector);
  const { watch } = cell;
  const bounds = { ...CALL_BOUNDS, ...alteration.bounds };
  const { level } = stage.host;
  const loaded = attack.served
    ? new LiveScript(cell, grant, level, script, { bounds })
    : new LoadedScript(cell, grant, level, script, bounds);
  const late = alteration.lateFrame?.(canaries);
  const repeat = late && setInterval(() => cell.send(encodeFrame(late.kind, late.body)), LATE_MS);
  const report = attack.served && loaded instanceof LiveScript
    ? await serve(loaded, attack.served, limits, script)
    : await loaded.call(script);
  clearInterval(repeat);
  watch.sample();
  loaded.close();
  await cell.closed;
  canaries.see(report);
  return {
    ...said(report),
    process: { peakBytes: watch.peakBytes, cpuMs: watch.cpuMs, stopped: watch.stopped },
    outputBytes: report.figures.outputBytes,
    wallMs: report.figures.wallMs,
    cpuAfterEndMs: 0,
    hits: await canaries.hits(),
  };
}

function said({ outcome }: RunReport): Pick<Observation, "result" | "failure" | "exit"> {
  if (outcome.outcome === "ok") return { result: outcome.result };
  return { failure: outcome, ...exitOf(outcome) };
}

/** How the cell's process ended, as its parent saw it. */
function exitOf(outcome: Outcome): { exit?: Deno.CommandStatus } {
  if (outcome.outcome !== "exited") return {};
  const { detail } = outcome;
  return "code" in detail
    ? { exit: { success: false, code: detail.code, signal: null } }
    : { exit: { success: false, code: 128, signal: detail.signal as Deno.Signal } };
}

function alter(vector: SpawnVector, alteration: Alteration, at: Targets): SpawnVector {
  const { harness = [], env } = alteration;
  const args = [vector.command, ...vector.args];
  for (const [beginning, ...instead] of alteration.args ?? []) {
    const index = args.findIndex((arg) => arg.startsWith(beginning));
    if (index < 0) throw new RangeError(`no argument begins ${beginning}`);
    args.splice(index, 1, ...instead.filter((arg) => arg !== undefined));
  }
  if (env) {
    const settings = Object.entries(env(at)).map(([name, value]) => `${name}=${value}`);
    args.splice(args.indexOf("run") - 1, 0, "/usr/bin/env", ...settings);
  }
  const mark = "data:text/javascript,";
  let source = decodeURIComponent(args.pop()!.slice(mark.length));
  for (const [from, to] of harness) {
    if (!source.includes(from)) throw new RangeError(`the harness does not hold ${from}`);
    source = source.replace(from, () => to);
  }
  args.push(mark + encodeURIComponent(source));
  return { key: "altered", command: args[0]!, args: args.slice(1) };
}
