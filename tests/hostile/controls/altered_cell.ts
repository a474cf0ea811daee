import { DEFAULT_LIMITS, type Limits } from "../../../runtime/core/documents/grant.ts";
import { Cell } from "../../../runtime/sandbox/cell.ts";
import { encodeFrame } from "../../../runtime/sandbox/frame.ts";
import { LoadedScript } from "../../../runtime/sandbox/loaded_script.ts";
import type { RunReport } from "../../../runtime/sandbox/mod.ts";
import {
  type CellRights,
  NO_RIGHTS,
  type SpawnVector,
  spawnVector,
} from "../../../runtime/sandbox/spawn_vector.ts";
import type { Attack } from "../attack.ts";
import type { Canaries, Targets } from "../canaries.ts";
import { childrenOf, ProcessWatch } from "../proc.ts";
import type { Stage } from "../stage.ts";
import { attackRequest, rightsOf } from "../subject.ts";
import type { Control } from "./control.ts";

/** What is taken away from, or changed in, the real cell. */
export interface Alteration {
  /** Rights in place of the attack's own. */
  rights?: CellRights | ((at: Targets) => CellRights);
  /** Limits over the attack's own. */
  limits?: Partial<Limits>;
  /** Arguments of the exec chain that are left out, by how they begin. */
  without?: readonly string[];
  /** Set for the cell's Deno. */
  env?: (at: Targets) => Record<string, string>;
  /** Texts of the harness that are replaced; each must occur. */
  harness?: readonly (readonly [from: string, to: string])[];
  /** A frame that an agent would not send. */
  lateFrame?: (canaries: Canaries) => { kind: number; body: string };
}

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
      const { script, accomplice } = attackRequest(attack, canaries);
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
) {
  const at = canaries.targets;
  const limits = { ...DEFAULT_LIMITS, ...attack.limits, ...alteration.limits };
  const grant = { rights: rightsOf(alteration.rights ?? attack.rights ?? NO_RIGHTS, at), limits };
  const vector = alter(
    spawnVector(stage.sandbox.host, grant, stage.baseline, true),
    alteration,
    at,
  );
  const before = new Set(childrenOf(Deno.pid));
  const cell = new Cell(vector);
  const pid = childrenOf(Deno.pid).find((child) => !before.has(child));
  using watch = new ProcessWatch(pid ?? 0);
  const loaded = new LoadedScript(cell, grant, stage.sandbox.level, script);
  const late = alteration.lateFrame?.(canaries);
  const answer = loaded.call(script);
  if (late) cell.settled.then(() => cell.send(encodeFrame(late.kind, late.body)));
  const report = await answer;
  watch.sample();
  loaded.close();
  await cell.closed;
  canaries.see(report);
  return {
    ...said(report),
    process: { peakBytes: watch.peakBytes, cpuMs: watch.cpuMs, stopped: watch.stopped },
    outputBytes: report.figures.outputBytes,
    cpuAfterEndMs: 0,
    hits: await canaries.hits(),
  };
}

function said({ outcome }: RunReport): { result?: unknown; failure?: unknown } {
  return outcome.outcome === "ok" ? { result: outcome.result } : { failure: outcome };
}

function alter(vector: SpawnVector, alteration: Alteration, at: Targets): SpawnVector {
  const { without = [], harness = [], env } = alteration;
  let args = [vector.command, ...vector.args];
  for (const beginning of without) {
    const kept = args.filter((arg) => !arg.startsWith(beginning));
    if (kept.length === args.length) throw new RangeError(`no argument begins ${beginning}`);
    args = kept;
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
