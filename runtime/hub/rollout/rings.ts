import type { KeyId } from "../../core/documents/common.ts";
import { HubError } from "../errors.ts";

/** One step of a rollout: who has a label, or so many of all, of those that no ring before has. */
export interface Ring {
  readonly name: string;
  readonly labels?: readonly string[] | undefined;
  /** Of all agents, at least one; 1 to 100. */
  readonly percent?: number | undefined;
}

/** Rings for those who name none: agents labelled `canary`, a tenth, everybody. */
export const DEFAULT_RINGS: readonly Ring[] = [
  { name: "canary", labels: ["canary"] },
  { name: "tenth", percent: 10 },
  { name: "all", percent: 100 },
];

/**
 * Holds rings that somebody chose against the fleet: a word that is wrong must not have everybody in
 * the first ring.
 *
 * @param known Labels that some agent has.
 * @throws {HubError} bad_request – a ring before the last names nobody, or everybody
 */
export function requireRings(rings: readonly Ring[], known: ReadonlySet<string>): void {
  if (rings === DEFAULT_RINGS) return;
  for (const { name, labels, percent } of rings.slice(0, -1)) {
    if (labels === undefined && percent === undefined) {
      throw new HubError(
        "bad_request",
        `Cannot roll out as ring "${name}" says neither labels nor a percentage: only the last may`,
      );
    }
    if (labels === undefined || labels.some((label) => known.has(label))) continue;
    throw new HubError(
      "bad_request",
      `Cannot roll out as no agent has a label of ring "${name}": ${labels.join(", ")}`,
    );
  }
}

/** A ring with its agents. */
export interface FilledRing {
  readonly name: string;
  readonly agents: readonly KeyId[];
}

/**
 * Puts each agent into the first ring that takes it, in the sequence of the ids, which say nothing
 * of the machines. Who is left over stands in the last ring; rings without agents are left out.
 *
 * @param agents Each once, by id.
 */
export function fillRings(
  rings: readonly Ring[],
  agents: readonly KeyId[],
  labelsOf: (agent: KeyId) => ReadonlySet<string>,
): FilledRing[] {
  let left = [...agents];
  const filled = rings.map(({ name, labels, percent }, i): FilledRing => {
    const most = percent === undefined
      ? Infinity
      : Math.max(1, Math.ceil(agents.length * percent / 100));
    const isLast = i === rings.length - 1;
    const wanted = (agent: KeyId) =>
      labels === undefined || labels.some((label) => labelsOf(agent).has(label));
    const taken = isLast ? left : left.filter(wanted).slice(0, most);
    const gone = new Set(taken);
    left = left.filter((agent) => !gone.has(agent));
    return { name, agents: taken };
  });
  return filled.filter(({ agents }) => agents.length > 0);
}
