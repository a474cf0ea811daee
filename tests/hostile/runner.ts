import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import {
  type CellGrant,
  NO_RIGHTS,
  type RunReport,
  type RunRequest,
} from "../../runtime/sandbox/mod.ts";
import type { Attack } from "./attack.ts";
import { Canaries, type CanaryHits } from "./canaries.ts";
import { childrenOf } from "./proc.ts";
import { type HealthFigures, wasHeldUp } from "./health.ts";
import { serve } from "./served.ts";
import type { Stage } from "./stage.ts";
import { attackRequest, rightsOf } from "./subject.ts";

/** A cell is told to end when its run has; the system reaps it within this. */
const REAP_MS = 2_000;

/** One attack, run with its protection and without. */
export interface CaseReport {
  name: string;
  /** How the protected run ended. */
  outcome: string;
  detail: unknown;
  /** The protected run ended as it must, touched no canary and left no process behind. */
  held: boolean;
  /** The control's proof holds. */
  succeededUnprotected: boolean;
  /** Canaries touched by the protected run. */
  canaryHits: number;
  /** Longest answer of `/healthz` while the protected run was on. */
  healthzMs: number;
  wallMs: number;
  /** Which protection the control took off, and what showed that the attack then succeeded. */
  control: { off: string; proof: string };
  /** What is not as it must be; empty when the case holds. */
  faults: string[];
}

/** Runs an attack twice: in a real cell, then by its control. */
export async function runCase(attack: Attack, stage: Stage): Promise<CaseReport> {
  const faults: string[] = [];
  const { report, hits, health } = await runProtected(attack, stage, faults);
  const healthzMs = health.maxMs;
  const canaryHits = Object.values(hits).reduce((sum, count) => sum + count, 0);
  const held = faults.length === 0 && canaryHits === 0;
  if (canaryHits > 0) faults.push(`canaries were hit: ${nonZero(hits)}`);
  if (wasHeldUp(health)) faults.push(`/healthz took ${healthzMs} ms`);

  await using canaries = await Canaries.place(stage.sandbox.host.cellUid);
  const seen = await attack.control.run(attack, canaries, stage);
  const succeededUnprotected = attack.proof.holds(seen);
  if (!succeededUnprotected) {
    const what = JSON.stringify(seen).slice(0, 600);
    faults.push(`it does not succeed with ${attack.control.off}, seen: ${what}`);
  }
  const { outcome: { outcome, ...rest }, figures } = report;
  return {
    name: attack.name,
    outcome,
    detail: "detail" in rest ? rest.detail : undefined,
    held,
    succeededUnprotected,
    canaryHits,
    healthzMs,
    wallMs: figures.wallMs,
    control: { off: attack.control.off, proof: attack.proof.what },
    faults,
  };
}

async function runProtected(
  attack: Attack,
  stage: Stage,
  faults: string[],
): Promise<{ report: RunReport; hits: CanaryHits; health: HealthFigures }> {
  await using canaries = await Canaries.place(stage.sandbox.host.cellUid);
  const at = canaries.targets;
  const { script, accomplice } = attackRequest(attack, canaries);
  const rights = rightsOf(attack.rights ?? NO_RIGHTS, at);
  const grant = { rights, limits: { ...DEFAULT_LIMITS, ...attack.limits } };
  const processes = childrenOf(Deno.pid);
  await stage.health.ask();
  const beside = accomplice && stage.sandbox.run(grant, accomplice);
  if (attack.accomplice?.when === "before") await beside;
  const report = await attempt(stage, attack, grant, script);
  const health = await stage.health.ask();
  canaries.see(report);
  canaries.see(await beside);
  const survivors = await stillAlive(processes);
  if (survivors.length > 0) faults.push(`its processes live on: ${survivors.join(", ")}`);
  const asked = stage.sandbox.level === 2 && attack.expectAtLevel2 || attack.expect;
  const expected = typeof asked === "function" ? asked(at) : asked;
  try {
    assert.partialDeepStrictEqual(report.outcome, expected);
  } catch {
    const [wanted, got] = [expected, report.outcome].map((x) => JSON.stringify(x).slice(0, 400));
    faults.push(`it must end as ${wanted} but ends as ${got}`);
  }
  return { report, hits: await canaries.hits(), health };
}

async function attempt(
  { sandbox }: Stage,
  { served }: Attack,
  grant: CellGrant,
  script: RunRequest,
): Promise<RunReport> {
  if (!served) return await sandbox.run(grant, script);
  const live = sandbox.live(grant, script);
  const report = await serve(live, served, grant.limits, script);
  live.close();
  return report;
}

/** Children of this process that were not there before, once they have had time to be reaped. */
async function stillAlive(before: readonly number[]): Promise<number[]> {
  const deadline = performance.now() + REAP_MS;
  while (true) {
    const added = childrenOf(Deno.pid).filter((pid) => !before.includes(pid));
    if (added.length === 0 || performance.now() > deadline) return added;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function nonZero(hits: CanaryHits): string {
  return Object.entries(hits).filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${count}`).join(", ");
}
