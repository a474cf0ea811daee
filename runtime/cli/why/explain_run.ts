import type { RunRecord } from "../../agent/mod.ts";
import type { Outcome } from "../../core/outcome.ts";
import { REFUSAL_REASONS } from "../../policy/refusal_reasons.ts";
import { describeOutcome, type EndedRun, hintFor } from "../runs/outcome_words.ts";

/** Why a run ended as it did. The shape of `writ why --json`, beside the run itself. */
export interface RunReason {
  readonly run: number;
  readonly outcome: Outcome["outcome"] | null;
  /** The rule that decided; `null` while the run goes on. */
  readonly rule: string | null;
  /** What the rule is for. */
  readonly because: string;
  /** What was found, as it was recorded. */
  readonly found: string;
  /** What whoever owns the policy may do. */
  readonly admin: readonly string[];
}

/**
 * Explains a run from its record: the rule, what was found, and what an admin may do.
 *
 * @param run As the agent recorded it. Of a script's own words nothing is taken for the agent's.
 */
export function explainRun(run: RunRecord): RunReason {
  const { outcome } = run;
  if (!outcome) {
    return {
      run: run.id,
      outcome: null,
      rule: null,
      because: run.state === "running"
        ? "The run goes on"
        : "The run waits: for its time, for a place, or for others with its queue key",
      found: run.state,
      admin: [`writ runs ${run.id} --follow shows it as it goes`],
    };
  }
  if (outcome.outcome === "refused") {
    const { rule, message } = outcome.detail;
    // A rule of another version of Writ may be unknown here.
    const reason = Object.hasOwn(REFUSAL_REASONS, rule) ? REFUSAL_REASONS[rule] : undefined;
    return {
      run: run.id,
      outcome: "refused",
      rule,
      because: reason?.rule ?? "A rule that this version of Writ does not know",
      found: message,
      admin: (reason?.admin ?? []).map((step) => step.replaceAll("SCRIPT", run.script)),
    };
  }
  const ended = endedOf(run, outcome);
  const hint = hintFor(ended);
  return {
    run: run.id,
    outcome: outcome.outcome,
    rule: outcome.outcome,
    because: BECAUSE[outcome.outcome],
    found: `${outcome.outcome}${describeOutcome(ended)}`,
    admin: [...(hint ? [hint] : []), ...stepsAfter(outcome)]
      .map((step) => step.replaceAll("SCRIPT", run.script)),
  };
}

type Ended = Exclude<Outcome["outcome"], "refused">;

const BECAUSE: Readonly<Record<Ended, string>> = {
  ok: "The script came to its end and gave a result",
  script_error: "The script threw an error: the cell and the policy had no part in it",
  denied: "The script reached for something that its grant does not give",
  cpu: "The script used all the processor time that its grant allows",
  wall: "The script took longer than its grant allows, or stopped answering",
  memory: "The script used all the memory that its grant allows",
  output: "The script said more than its grant allows, in result, logs and events together",
  protocol: "Something in the cell wrote what only our part of it may write",
  exited: "The cell ended by itself, so that nothing of its result can be believed",
  cancelled: "Somebody ended the run",
  interrupted: "The agent stopped or failed while the run was on",
};

const ADMIN: Partial<Readonly<Record<Ended, readonly string[]>>> = {
  script_error: ["show this to the publisher: the stack names the lines of their source"],
  denied: ["see all that it reached for: writ policy pending", "writ policy approve SCRIPT"],
  protocol: [
    "a script does not do this by mistake: writ policy deny SCRIPT, and ask the publisher",
  ],
  exited: ["if it did not run out of memory, ask the publisher"],
  interrupted: ["order it again; a script declared idempotent is repeated by itself"],
};

/** An error that says nothing of the source is an answer: the script's own no. */
function stepsAfter(outcome: Exclude<Outcome, { outcome: "refused" }>): readonly string[] {
  const isAnswer = outcome.outcome === "script_error" && outcome.detail.stack === undefined;
  if (isAnswer) return ["the script itself says no: mend what it names, and order again"];
  return ADMIN[outcome.outcome] ?? [];
}

function endedOf(run: RunRecord, outcome: Outcome): EndedRun {
  return {
    outcome: outcome.outcome,
    detail: outcome.outcome === "ok" ? null : outcome.detail,
    cpuMs: run.figures?.cpuMs ?? 0,
    wallMs: run.figures?.wallMs ?? 0,
    peakBytes: run.figures?.peakBytes ?? 0,
    level: run.level,
  };
}
