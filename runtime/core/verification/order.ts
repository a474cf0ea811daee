import { digestOf } from "../digest.ts";
import type { Digest, KeyId, PublicKey } from "../documents/common.ts";
import type { Order } from "../documents/order.ts";
import { parseDocument } from "../documents/parse.ts";
import { openEnvelope, signedBy } from "../dsse.ts";
import { VerificationError } from "../errors.ts";
import type { PolicyInForce } from "../policy_in_force.ts";
import { denyIndexOf } from "./policy_index.ts";
import { meets } from "./threshold.ts";
import { requireInTime, requireNotExpired } from "./time.ts";

/** The orderer of what a script scheduled itself: no key stands behind it, and none may. */
export const SCRIPT_ORDERER = "script";

/** An order that someone entitled gave to this agent. */
export interface VerifiedOrder {
  readonly order: Order;
  /** The orderer's name in the policy. */
  readonly orderer: string;
  /** The keys of any orderer that signed. */
  readonly signers: ReadonlySet<PublicKey>;
  /** Of the payload. */
  readonly digest: Digest;
}

/**
 * Verifies an order for one agent.
 *
 * In order: envelope, signatures by any orderer the policy knows, canonical JSON, schema, fleet,
 * the script's grant names that orderer, audience, time, not seen before.
 *
 * @param options.agent This agent's id.
 * @param options.now Milliseconds since the epoch.
 * @param options.seen Whether an order of this id was accepted before.
 * @throws {VerificationError} threshold – when no orderer's keys signed
 * @throws {VerificationError} denied – when a key that signed is on the deny list
 * @throws {VerificationError} wrong_fleet – when it is for another fleet
 * @throws {VerificationError} no_grant – when no grant names the script
 * @throws {VerificationError} orderer_not_entitled – when the grant names none of who signed
 * @throws {VerificationError} wrong_audience – when it is for other agents
 * @throws {VerificationError} not_yet_valid, expired – when it, or the policy, is outside its time
 * @throws {VerificationError} replayed – when an order with its id was seen
 * @throws {VerificationError} – and the codes of `openEnvelope` and `parseDocument`
 */
export function verifyOrder(
  bytes: Uint8Array,
  options: {
    policy: PolicyInForce;
    agent: KeyId;
    now: number;
    seen: (id: string) => boolean;
  },
): VerifiedOrder {
  const { policy, agent, now, seen } = options;
  const envelope = openEnvelope("order", bytes);
  const signers = signedBy(envelope, orderersKeys(policy));
  const orderers = requireOrderers(signers, policy);
  const order = parseDocument("order", envelope.payload);
  requireFleet(order, policy);
  const orderer = requireEntitled(order, orderers, policy);
  requireAudience(order, agent, policy);
  if (policy.expires !== undefined) requireNotExpired(policy.expires, "the policy", now);
  requireInTime(order, `order ${order.id}`, now);
  requireSchedule(order);
  requireUnseen(order, seen);
  return { order, orderer, signers, digest: digestOf(envelope.payload) };
}

/**
 * The first of `orderers` that the script's grant names.
 *
 * @throws {VerificationError} no_grant, orderer_not_entitled – as {@linkcode verifyOrder}
 */
export function requireEntitled(
  order: Order,
  orderers: readonly string[],
  policy: PolicyInForce,
): string {
  const grant = policy.grants.get(order.script.name);
  if (!grant) {
    throw new VerificationError(
      "no_grant",
      `Cannot run "${order.script.name}" as no grant names it: order ${order.id}`,
    );
  }
  const orderer = orderers.find((name) => grant.orders.includes(name));
  if (orderer === undefined) {
    throw new VerificationError(
      "orderer_not_entitled",
      `Cannot run "${order.script.name}" as its grant does not name the orderer: ` +
        orderers.join(", "),
    );
  }
  return orderer;
}

/**
 * The orderers whose threshold these keys meet, in the policy's sequence.
 *
 * @param signers Keys whose signature of the order was verified.
 * @throws {VerificationError} threshold, denied – as {@linkcode verifyOrder}
 */
export function requireOrderers(
  signers: ReadonlySet<PublicKey>,
  policy: PolicyInForce,
): readonly string[] {
  const met: string[] = [];
  for (const [name, role] of policy.orderers) {
    if (name === SCRIPT_ORDERER) continue;
    const counted = new Set(role.keys.filter((key) => signers.has(key)));
    if (meets(counted.size, role.threshold)) met.push(name);
  }
  if (met.length === 0) {
    throw new VerificationError(
      "threshold",
      "Cannot trust the order as no orderer's keys signed it, or too few of them: " +
        ([...signers].join(", ") || "none"),
    );
  }
  const denied = denyIndexOf(policy).keys;
  for (const key of signers) {
    if (!denied.has(key)) continue;
    throw new VerificationError(
      "denied",
      `Cannot trust the order as a key that signed it is denied: ${key}`,
    );
  }
  return met;
}

function* orderersKeys(policy: PolicyInForce): Generator<PublicKey> {
  for (const role of policy.orderers.values()) yield* role.keys;
}

/**
 * That the order is for the policy's fleet.
 *
 * @throws {VerificationError} wrong_fleet – as {@linkcode verifyOrder}
 */
export function requireFleet(order: Order, policy: PolicyInForce): void {
  if (order.fleet === policy.fleet) return;
  throw new VerificationError(
    "wrong_fleet",
    `Cannot run order ${order.id} as it is not for fleet "${policy.fleet}": "${order.fleet}"`,
  );
}

/**
 * That the order is for an agent, by its id or by a label that the policy gives it.
 *
 * @throws {VerificationError} wrong_audience – as {@linkcode verifyOrder}
 */
export function requireAudience(
  { id, audience }: Order,
  agent: KeyId,
  policy: PolicyInForce,
): void {
  // Labels come from the policy, never from the agent or the order.
  const addressed = "agents" in audience
    ? audience.agents.includes(agent)
    : policy.labels.get(agent)?.some((label) => audience.labels.includes(label)) ?? false;
  if (addressed) return;
  const named = "agents" in audience ? audience.agents : audience.labels;
  throw new VerificationError(
    "wrong_audience",
    `Cannot run order ${id} as it is not for ${agent}: ${named.slice(0, 3).join(", ")}`,
  );
}

function requireSchedule(order: Order): void {
  if (!order.schedule || Date.parse(order.schedule.at) < Date.parse(order.expires)) return;
  throw new VerificationError(
    "bad_schema",
    `Cannot run order ${order.id} as it is to run only after it expires: ${order.schedule.at}`,
  );
}

function requireUnseen(order: Order, seen: (id: string) => boolean): void {
  if (!seen(order.id)) return;
  throw new VerificationError(
    "replayed",
    `Cannot run order ${order.id} as an order with this id was seen before`,
  );
}
