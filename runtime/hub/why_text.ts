import { REFUSAL_REASONS } from "../policy/refusal_reasons.ts";

/** Why something did not go as it should, and what to do about it. */
export interface Why {
  /** A sentence without a period. */
  readonly because: string;
  readonly steps: readonly string[];
}

/** What is no rule of a policy: ends of runs, and what becomes of releases. */
const OTHERS: Readonly<Record<string, Why>> = {
  script_error: { because: "The script threw an error", steps: ["see what went wrong in its run"] },
  cpu: { because: "The run used up the processor time of its grant", steps: [] },
  wall: { because: "The run took longer than its grant lets it, or stood still", steps: [] },
  memory: { because: "The run needed more memory than its grant gives", steps: [] },
  output: { because: "The run said more than its grant lets it", steps: [] },
  protocol: { because: "The script answered what no script answers", steps: [] },
  exited: { because: "The run's process ended before it had a result", steps: [] },
  refused: { because: "The agent refused the run", steps: ["see which rule in its run"] },
  denied: { because: "The script wanted what its grant does not name", steps: [] },
  interrupted: { because: "The run was cut off", steps: ["see why in its run"] },
  agent_revoked: { because: "The agent was revoked before it had the order", steps: [] },
  known_idempotency_key: {
    because: "The agent has run an order with this idempotency key already",
    steps: [],
  },
  records_lost: {
    because: "The agent lost its records, and the order is older: it may have run already",
    steps: ["order it again"],
  },
  given_up: {
    because: "The release was started and did not come up, so that the agent went back",
    steps: ["see the agent's own log", "sign another release: this one is not tried again"],
  },
  not_supervised: {
    because: "Nothing would start this agent again as another release",
    steps: ["run it as a service there: writ agent install"],
  },
  release_incomplete: {
    because: "A part of the release was nowhere to be had",
    steps: ["see whether the agent reaches the hub and its sources"],
  },
  release_broken: {
    because: "The release does not start on this machine, or is another one than it says",
    steps: ["see the agent's own log", "make another release: writ release make"],
  },
  disk_full: { because: "The machine has no space left", steps: [] },
};

/** What a code means that an agent, or a run, ended with; undefined for one that is not known. */
export function whyOf(code: string): Why | undefined {
  if (Object.hasOwn(OTHERS, code)) return OTHERS[code];
  if (!Object.hasOwn(REFUSAL_REASONS, code)) return undefined;
  const { rule, admin } = REFUSAL_REASONS[code as keyof typeof REFUSAL_REASONS];
  return { because: rule, steps: admin };
}

/** The same in short; of a code that is not known, its words. */
export function whyText(code: string): string {
  return whyOf(code)?.because ?? code.replaceAll("_", " ");
}

/** The same in one line, with what to do; undefined for a code that is not known. */
export function whyLine(code: string): string | undefined {
  const why = whyOf(code);
  return why && [why.because, ...why.steps].join("; ");
}
