import { AgentRefusal } from "../reach/agent_client.ts";
import { sendOrder } from "../reach/upload.ts";
import { REFUSED } from "./cases.ts";
import { orderAndFollow, type Play, wordsOf } from "./play.ts";

/** How one refusal came out. */
export interface Refusal {
  readonly name: string;
  readonly rule: string;
  readonly expected: string;
  readonly ok: boolean;
}

/** The rule that has to refuse each script. */
const RULES = {
  tampered: "module_hash",
  unlisted: "not_accepted",
  forged: "threshold",
  greedy: "request_beyond_grant",
} as const;

/** Five things that must not run: four scripts, and an order that was seen before. */
export async function playRefusals(play: Play, seen: Uint8Array): Promise<Refusal[]> {
  const { stage, client } = play;
  stage.scene("What is refused, and by which rule");
  const refusals: Refusal[] = [];
  const show = (name: string, does: string, rule: string, expected: string, sentence: string) => {
    const ok = rule === expected;
    stage.check(ok, does, `refused by ${rule}`);
    stage.more(sentence);
    refusals.push({ name, rule, expected, ok });
  };
  for (const { name, does } of Object.values(REFUSED)) {
    const { end } = await orderAndFollow(play, `acme/${name}`);
    const rule = end.outcome === "refused" ? end.detail.rule : end.outcome;
    show(name, `a script that ${does}`, rule, RULES[name], wordsOf(end).sentence);
  }
  const answer = await sendOrder(client, seen).catch((error) => error);
  const [rule, words] = answer instanceof AgentRefusal
    ? [answer.code, answer.message]
    : ["nothing", "it was accepted"];
  show("replayed", "an order that was given before", rule, "replayed", words);
  return refusals;
}
