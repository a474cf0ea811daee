import type { KeyId } from "../core/documents/common.ts";
import type { Order } from "../core/documents/order.ts";
import { parseDocument } from "../core/documents/parse.ts";
import { type DocumentKind, openEnvelope, signedBy } from "../core/dsse.ts";
import { digestOf } from "../core/digest.ts";
import { VerificationError } from "../core/errors.ts";
import { keyId } from "../core/key.ts";
import { prepareModule } from "../core/module.ts";
import type { PolicyInForce } from "../core/policy_in_force.ts";
import { verifyAdvert } from "../core/verification/advert.ts";
import { checkAccepted } from "../core/verification/accepted.ts";
import { scriptNameOf, verifyManifest } from "../core/verification/manifest.ts";
import { verifyModule } from "../core/verification/module.ts";
import {
  requireAudience,
  requireEntitled,
  requireFleet,
  requireOrderers,
} from "../core/verification/order.ts";
import { checkRequests } from "../core/verification/requests.ts";
import { requireInTime, requireNotExpired } from "../core/verification/time.ts";
import { parsersFor } from "./cell_parsers.ts";
import { mediaTypeOf } from "./module_file.ts";

/** One thing that was looked at. */
export interface Step {
  readonly step: string;
  /** `undefined` when there was nothing to judge it by. */
  readonly ok: boolean | undefined;
  /** What was found, or why not. */
  readonly found: string;
  /** The rule that refused. */
  readonly code?: string;
}

/** What the judgement may use; without a policy nothing is known about anybody. */
export interface InspectOptions {
  readonly policy?: PolicyInForce;
  /** The module that a manifest names. */
  readonly module?: Uint8Array;
  /** The agent that an order is meant for; without one any agent of the policy will do. */
  readonly agent?: KeyId;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Says step by step what holds of a signed manifest: all steps, not only up to the first fault. */
export async function inspectManifest(
  bytes: Uint8Array,
  options: InspectOptions,
): Promise<Step[]> {
  const steps = new Steps();
  const opened = steps.open("manifest", bytes);
  if (!opened) return steps.list;
  const { document: manifest } = opened;
  const { policy, module, now } = options;
  steps.judge("document", () =>
    `${scriptNameOf(manifest)} ${manifest.version}, sequence ` +
    `${manifest.sequence}, created ${manifest.created}`);
  if (!policy) steps.unknown("publisher", NO_POLICY);
  judgeExpiry(steps, policy, now);
  const verified = policy && steps.judge("publisher", () => {
    const result = verifyManifest(bytes, { policy });
    return [
      `signed by "${manifest.publisher}": ${[...result.signers].map(keyId).join(", ")}`,
      result,
    ];
  });
  if (policy && verified) {
    steps.judge("accepted", () => {
      const entry = checkAccepted(verified, { policy });
      return "sha256" in entry ? `by hash: ${entry.sha256}` : `by range: ${entry.range}`;
    });
  }
  if (policy) {
    steps.judge("grant", () => {
      const grant = policy.grants.get(scriptNameOf(manifest));
      if (!grant) throw new MissingGrant(scriptNameOf(manifest));
      checkRequests(manifest, grant, policy.ceiling);
      return `covers all ${manifest.requests.length} requests, within the ceiling; ` +
        `ordered by ${grant.orders.join(", ") || "nobody"}`;
    });
  }
  if (module) {
    const { mediaType } = manifest.module;
    const parsers = await parsersFor({ bytes: module, mediaType });
    steps.judge("module", () => {
      const { digest } = verifyModule(module, manifest, parsers);
      return `${digest}, ${module.length} bytes`;
    });
  } else steps.unknown("module", `not here: ${manifest.module.sha256}`);
  return steps.list;
}

/** Says step by step what holds of an order. */
export function inspectOrder(
  bytes: Uint8Array,
  { policy, agent, now }: InspectOptions,
): Step[] {
  const steps = new Steps();
  const opened = steps.open("order", bytes);
  if (!opened) return steps.list;
  const { document: order, envelope } = opened;
  steps.judge("document", () => `order ${order.id} for ${order.script.name}`);
  steps.judge("time", () => {
    requireInTime(order, `order ${order.id}`, now);
    return `good until ${order.expires}`;
  });
  if (!policy) {
    steps.unknown("orderer", NO_POLICY);
    return steps.list;
  }
  judgeExpiry(steps, policy, now);
  steps.judge("fleet", () => {
    requireFleet(order, policy);
    return `"${policy.fleet}"`;
  });
  steps.judge("orderer", () => {
    const keys = [...policy.orderers.values()].flatMap((role) => role.keys);
    const names = requireOrderers(signedBy(envelope, keys), policy);
    return `"${requireEntitled(order, names, policy)}" signed it, and the grant names it`;
  });
  judgeAudience(steps, order, policy, agent);
  return steps.list;
}

const NO_POLICY = "no policy to judge it by: give --policy or --fleet";

/** Nothing runs by a policy that has expired, whatever else holds. */
function judgeExpiry(steps: Steps, policy: PolicyInForce | undefined, now: number): void {
  const expires = policy?.expires;
  if (expires === undefined) return;
  steps.judge("policy", () => {
    requireNotExpired(expires, "the policy", now);
    return `good until ${new Date(expires).toISOString()}`;
  });
}

/** Whom an order is for; ids say it themselves, labels only with a policy that gives them. */
function judgeAudience(
  steps: Steps,
  order: Order,
  policy: PolicyInForce,
  agent: KeyId | undefined,
): void {
  const { audience } = order;
  if (agent !== undefined || "labels" in audience) {
    steps.judge("audience", () => {
      const agents = agent === undefined ? [...policy.labels.keys()] : [agent];
      const reached = agents.filter((id) => isFor(order, id, policy));
      // Says by the agents' own rule that nobody is reached.
      if (reached.length === 0) requireAudience(order, agents[0] ?? NOBODY, policy);
      return `reaches ${reached.join(", ")}`;
    });
  } else steps.unknown("audience", `for ${audience.agents.join(", ")}: give --for AGENT`);
}

/** Stands where the policy gives no agent a label. */
const NOBODY: KeyId = "writ-key:none";

function isFor(order: Order, agent: KeyId, policy: PolicyInForce): boolean {
  try {
    requireAudience(order, agent, policy);
    return true;
  } catch (error) {
    if (error instanceof VerificationError && error.code === "wrong_audience") return false;
    throw error;
  }
}

/** Says whether an agent would take a module, whoever signed it. */
export async function inspectModule(bytes: Uint8Array, file: string): Promise<Step[]> {
  const steps = new Steps();
  const mediaType = steps.judge("name", () => [file, mediaTypeOf(file)]);
  if (mediaType === undefined) return steps.list;
  const parsers = await parsersFor({ bytes, mediaType });
  steps.judge("module", () => {
    prepareModule(bytes, mediaType, parsers);
    return `${digestOf(bytes)}, ${bytes.length} bytes`;
  });
  return steps.list;
}

/** Says what an agent says of itself, by its own signature. */
export function inspectAdvert(bytes: Uint8Array, now: number): Step[] {
  const steps = new Steps();
  const opened = steps.open("advert", bytes);
  if (opened) {
    steps.judge("advert", () => {
      const { fleet } = opened.document;
      const { advert, agent } = verifyAdvert(bytes, { fleet, now });
      const at = advert.addresses.join(", ") || "no address";
      return `${agent} of fleet "${fleet}" at ${at}, until ${advert.expires}`;
    });
  }
  return steps.list;
}

/** Says of a file that stands where a document should that it is none, or not a whole one. */
export function inspectUnknown(file: string): Step[] {
  const found = `Cannot verify "${file}" as it is no manifest, order, accept-list, root or release`;
  return [{ step: "document", ok: false, found, code: "wrong_file" }];
}

/** Says whether a document that nobody signed is written as it must be. */
export function inspectPayload(kind: DocumentKind, bytes: Uint8Array): Step[] {
  const steps = new Steps();
  steps.judge("document", () => {
    parseDocument(kind, bytes);
    return `a ${kind}, written as it must be`;
  });
  steps.list.push({
    step: "signature",
    ok: false,
    found: "not signed yet: writ sign",
    code: "threshold",
  });
  return steps.list;
}

/** Collects steps; a refusal ends its own step only. */
export class Steps {
  readonly list: Step[] = [];

  /** The first step of every signed document. */
  open<K extends DocumentKind>(kind: K, bytes: Uint8Array) {
    return this.judge("envelope", () => {
      const envelope = openEnvelope(kind, bytes);
      const document = parseDocument(kind, envelope.payload);
      const ids = [...envelope.signatures.keys()];
      return [`${kind}, signatures claimed by ${ids.join(", ")}`, { envelope, document }];
    });
  }

  /** @returns What the check returned besides its words, or `undefined` when it refused. */
  judge<T>(step: string, check: () => string | [found: string, value: T]): T | undefined {
    try {
      const result = check();
      const [found, value] = typeof result === "string" ? [result, undefined] : result;
      this.list.push({ step, ok: true, found });
      return value;
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
      this.list.push({ step, ok: false, found: error.message, code: String(error.code) });
      return undefined;
    }
  }

  unknown(step: string, found: string): void {
    this.list.push({ step, ok: undefined, found });
  }
}

class MissingGrant extends Error {
  readonly code = "no_grant";

  constructor(script: string) {
    super(`Cannot run "${script}" as no grant names it`);
  }
}
