import { Canary } from "./canary.ts";
import { HOSTILE } from "./cases.ts";
import { orderAndFollow, type Play, wordsOf } from "./play.ts";

/** How one attack came out. */
export interface Attack {
  readonly name: string;
  readonly outcome: string;
  readonly expected: string;
  /** Requests that reached the attacker's server. */
  readonly canaryHits: number;
  readonly ok: boolean;
}

const OUTCOMES = { reader: "denied", caller: "denied", glutton: "memory" } as const;

/** Three scripts that were accepted by mistake, held by their cells. */
export async function playHostile(play: Play): Promise<Attack[]> {
  const { stage, client } = play;
  stage.scene("What an accepted script cannot do all the same");
  await using canary = new Canary();
  const attacks: Attack[] = [];
  for (const { name, does } of Object.values(HOSTILE)) {
    const { end } = await orderAndFollow(play, `acme/${name}`, { input: canary.url });
    const expected = OUTCOMES[name];
    const ok = end.outcome === expected && canary.hits === 0;
    const { verdict, sentence } = wordsOf(end);
    stage.check(ok, `a script that ${does}`, `${verdict}: ${sentence}`);
    if (name === "caller") stage.more(`its server at home was reached ${canary.hits} times`);
    attacks.push({ name, outcome: end.outcome, expected, canaryHits: canary.hits, ok });
  }
  await (await client.ask("/healthz")).body?.cancel();
  stage.more("the agent went on answering");
  return attacks;
}
