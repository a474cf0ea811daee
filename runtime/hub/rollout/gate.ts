/** What a ring must show before the next one begins. */
export interface Gate {
  /** Of the agents that are heard of, so many must do well; 1 to 100. */
  readonly okPercent: number;
  /** How long a ring is watched at the least, milliseconds. */
  readonly settleMs: number;
  /** How long it may take until enough is heard of it, milliseconds. */
  readonly withinMs: number;
}

/** What a gate is unless it is said otherwise. */
const DEFAULT_GATE: Gate = { okPercent: 95, settleMs: 60_000, withinMs: 24 * 3_600_000 };

/** A gate of which not everything is said. */
export type PartialGate = { readonly [K in keyof Gate]?: Gate[K] | undefined };

/** What is not said is as in {@linkcode DEFAULT_GATE}. */
export function wholeGate(said: PartialGate = {}): Gate {
  const { okPercent, settleMs, withinMs } = said;
  return {
    okPercent: okPercent ?? DEFAULT_GATE.okPercent,
    settleMs: settleMs ?? DEFAULT_GATE.settleMs,
    withinMs: withinMs ?? DEFAULT_GATE.withinMs,
  };
}

/** How a ring does. */
export interface RingHealth {
  readonly size: number;
  readonly good: number;
  readonly bad: number;
}

/** What comes next: the ring goes on, it has passed, or the rollout must halt, and why. */
export type GateVerdict = "wait" | "pass" | { readonly halt: string };

/**
 * Judges a ring. It fails as soon as it can no longer pass, though everybody else did well; it
 * passes when it was watched for its time and everybody did well enough, or when its time is over
 * and of those who were heard of, who must be more than the half, enough did well.
 *
 * @param sinceMs How long ago the ring began.
 */
export function judgeRing(
  { size, good, bad }: RingHealth,
  gate: Gate,
  sinceMs: number,
): GateVerdict {
  const { okPercent, settleMs, withinMs } = gate;
  const share = (part: number, whole: number) => part * 100 >= okPercent * whole;
  if (!share(size - bad, size)) {
    return { halt: `${bad} of ${size} did not do well; ${okPercent} % must` };
  }
  if (good + bad === size) return sinceMs >= settleMs ? "pass" : "wait";
  if (sinceMs < withinMs) return "wait";
  const heard = good + bad;
  if (heard * 2 > size && share(good, heard)) return "pass";
  return { halt: `only ${heard} of ${size} were heard of in time` };
}
