import type { Agent } from "../../agent/mod.ts";
import type { KeyId, ScriptName } from "../../core/documents/common.ts";
import type { Attachment } from "../../core/documents/order.ts";
import type { AgentClient } from "../reach/agent_client.ts";
import { sendOrder } from "../reach/upload.ts";
import { type FollowedEnd, type FollowedEvent, followRun } from "../runs/follow_run.ts";
import { describeOutcome } from "../runs/outcome_words.ts";
import type { IppPrinter } from "./ipp_printer.ts";
import type { Stage } from "./stage.ts";
import type { Workshop } from "./workshop.ts";

/** Everything that is on the stage while the demo plays. */
export interface Play {
  readonly stage: Stage;
  readonly workshop: Workshop;
  readonly agent: Agent;
  readonly client: AgentClient;
  readonly printer: IppPrinter;
}

/** Orders a script and follows its run to the end. */
export async function orderAndFollow(
  { workshop, agent, client }: Play,
  script: ScriptName,
  options: {
    input?: unknown;
    attachments?: readonly Attachment[];
    onEvent?: (event: FollowedEvent) => void;
  } = {},
): Promise<{ end: FollowedEnd; envelope: Uint8Array; run: number }> {
  const { input = null, attachments = [], onEvent = () => {} } = options;
  const { envelope } = workshop.order(script, agent.id as KeyId, input, attachments);
  const { run } = await sendOrder(client, envelope);
  const signal = AbortSignal.timeout(30_000);
  return { end: await followRun(client, run, { signal, onEvent }), envelope, run };
}

/** A run's end as `writ order --follow` tells it: the outcome with its rule, and the sentence. */
export function wordsOf(end: FollowedEnd): { verdict: string; sentence: string } {
  const { outcome, figures } = end;
  const detail = "detail" in end ? end.detail as Record<string, unknown> : null;
  const run = { cpuMs: 0, wallMs: 0, peakBytes: 0, level: null, ...figures, outcome, detail };
  const [rule, sentence = ""] = describeOutcome(run).split(/: (.*)/s);
  return { verdict: outcome + rule, sentence };
}
