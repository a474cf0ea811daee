import { digestOf } from "../digest.ts";
import type { KeyId, ScriptName } from "../documents/common.ts";
import { parseDocument } from "../documents/parse.ts";
import { VerificationError } from "../errors.ts";
import type { PolicyInForce } from "../policy_in_force.ts";
import { requireFleet, SCRIPT_ORDERER, type VerifiedOrder } from "./order.ts";
import { requireInTime, requireNotExpired } from "./time.ts";

/**
 * Verifies what a script scheduled for itself and the agent kept. It bears no signature: whoever
 * was entitled to order the script let it run, and it can only ask for itself again. All that
 * bounds an ordered run bounds this one too.
 *
 * In order: canonical JSON, schema, fleet, a grant names the script, audience, time.
 *
 * @param payload An order's payload as the agent itself stored it, never what came from outside.
 * @param options.script The script that scheduled it, by the agent's own record.
 * @param options.agent This agent's id.
 * @param options.now Milliseconds since the epoch.
 * @throws {VerificationError} order_mismatch – when it names another script
 * @throws {VerificationError} wrong_fleet – when the agent is of another fleet now
 * @throws {VerificationError} no_grant – when no grant names the script any more
 * @throws {VerificationError} wrong_audience – when another agent stored it
 * @throws {VerificationError} expired – when it, or the policy, is past its time
 * @throws {VerificationError} – and the codes of `parseDocument`
 */
export function verifyScheduledOrder(
  payload: Uint8Array,
  options: { policy: PolicyInForce; script: ScriptName; agent: KeyId; now: number },
): VerifiedOrder {
  const { policy, script, agent, now } = options;
  const order = parseDocument("order", payload);
  const refuse = (code: "order_mismatch" | "no_grant" | "wrong_audience", found: string) =>
    new VerificationError(code, `Cannot run what "${script}" scheduled as ${found}`);
  if (order.script.name !== script) {
    throw refuse("order_mismatch", `it names "${order.script.name}"`);
  }
  requireFleet(order, policy);
  if (!policy.grants.has(script)) throw refuse("no_grant", "no grant names the script");
  if (!("agents" in order.audience) || !order.audience.agents.includes(agent)) {
    throw refuse("wrong_audience", `it is not for ${agent}`);
  }
  if (policy.expires !== undefined) requireNotExpired(policy.expires, "the policy", now);
  requireInTime(order, `order ${order.id}`, now);
  return { order, orderer: SCRIPT_ORDERER, signers: new Set(), digest: digestOf(payload) };
}
