import { HEALTHZ_LIMIT_MS } from "../hostile/health.ts";
import type { CaseReport } from "../hostile/runner.ts";

/** What another Deno changed about one attack. */
export interface CaseChange {
  name: string;
  /**
   * `weaker`: it held and does not any more, or it was not run. `stronger`: the reverse. `other`:
   * it holds and ends otherwise. `control`: it does not succeed unprotected any more, so that the
   * case proves nothing there. `slow`: the agent answered too late meanwhile.
   */
  change: "weaker" | "stronger" | "other" | "control" | "slow";
  then: string;
  now: string;
}

/** Compares two runs of the corpus, attack by attack. One attack may have changed in several ways. */
export function compareCases(
  then: readonly CaseReport[],
  now: readonly CaseReport[],
): CaseChange[] {
  const found = new Map(now.map((report) => [report.name, report]));
  return then.flatMap((before) => changesOf(before, found.get(before.name)));
}

function changesOf(then: CaseReport, now: CaseReport | undefined): CaseChange[] {
  const { name } = then;
  const before = endOf(then);
  if (now === undefined) return [{ name, change: "weaker", then: before, now: "not run" }];
  const changes: CaseChange[] = [];
  const add = (change: CaseChange["change"], was: string, is: string) => {
    changes.push({ name, change, then: was, now: is });
  };
  const after = endOf(now);
  if (isWeaker(then, now)) add("weaker", before, after);
  else if (now.held && !then.held) add("stronger", before, after);
  else if (before !== after) add("other", before, after);
  if (then.succeededUnprotected && !now.succeededUnprotected) {
    add("control", "succeeds unprotected", "does not");
  }
  if (then.healthzMs <= HEALTHZ_LIMIT_MS && now.healthzMs > HEALTHZ_LIMIT_MS) {
    add("slow", `/healthz ${then.healthzMs} ms`, `${now.healthzMs} ms`);
  }
  return changes;
}

function isWeaker(then: CaseReport, now: CaseReport): boolean {
  return (then.held && !now.held) || now.canaryHits > then.canaryHits;
}

/** The outcome with the one word of its detail that tells outcomes of a kind apart. */
function endOf({ outcome, detail, held, canaryHits }: CaseReport): string {
  const parts = (detail ?? {}) as Record<string, unknown>;
  const word = parts.permission ?? parts.reason ?? parts.kind ?? parts.signal ?? parts.code;
  return [
    outcome,
    ...(word === undefined ? [] : [String(word)]),
    ...(held ? [] : ["(broken)"]),
    ...(canaryHits === 0 ? [] : [`${canaryHits} canaries`]),
  ].join(" ");
}
