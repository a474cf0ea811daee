import assert from "node:assert/strict";
import { type VerificationCode, VerificationError } from "../../runtime/core/errors.ts";
import { SignedFolder } from "../agent/signed_folder.ts";
import { TrustClient, type Trusted } from "./trust_client.ts";

/** The folder as the admin or the attacker changes it. */
export type Change = (repository: SignedFolder, client: TrustClient) => void;

/**
 * An attack on what an agent trusts, beside the nearest change that is none. Each of the two
 * begins with a client that knows root 1 and list 1, and with `given`.
 */
export interface Scenario {
  name: string;
  /** What the client has seen before. */
  given?: Change;
  accepted: Change;
  /** What is trusted after that. */
  reaches: Trusted;
  refused: Change;
  code: VerificationCode;
  /** What is trusted after the refusal, also by an agent that starts anew. */
  keeps: Trusted;
}

/** Plays scenarios, one `t.step` each. */
export async function play(t: Deno.TestContext, scenarios: readonly Scenario[]): Promise<void> {
  for (const scenario of scenarios) {
    await t.step(scenario.name, async () => {
      await playOne(scenario, scenario.accepted, scenario.reaches);
      await playOne(scenario, scenario.refused, scenario.keeps, scenario.code);
    });
  }
}

async function playOne(
  { given }: Scenario,
  change: Change,
  trusted: Trusted,
  code?: VerificationCode,
): Promise<void> {
  using repository = new SignedFolder();
  using client = new TrustClient();
  await client.refresh(repository);
  if (given) {
    given(repository, client);
    await client.refresh(repository);
  }
  change(repository, client);
  const answer = await client.refresh(repository).catch((error) => error);
  assert.equal(codeOf(answer), code, answer?.message);
  assert.equal(client.trusted, trusted);
  client.restart();
  assert.equal(client.trusted, trusted, "after a restart");
  const again = await client.refresh(repository).catch((error) => error);
  assert.equal(codeOf(again), code, "asking again changes nothing");
  assert.equal(client.trusted, trusted, "after asking again");
}

function codeOf(answer: unknown): VerificationCode | undefined {
  if (answer === undefined) return undefined;
  if (answer instanceof VerificationError) return answer.code;
  throw answer;
}
