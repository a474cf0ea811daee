import type { Digest, KeyId, PublicKey } from "../../core/documents/common.ts";
import { keyId, type Signer } from "../../core/key.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { signResponse, verifyRequest } from "../../peer/mod.ts";
import type { CallNonces } from "./call_nonces.ts";

/** Somebody whose signature a request carries. */
export interface SignedCaller {
  readonly kind: "signed";
  readonly key: PublicKey;
  /** The orderers that the key belongs to; a peer may be one, too. */
  readonly orderers: readonly string[];
  /** The agent whose key it is, when the policy names it as a peer. */
  readonly peer?: KeyId;
  /** What the request's body must have. */
  readonly digest?: Digest;
}

/** What {@linkcode Calls} work with. */
export interface CallsOptions {
  signer: Signer;
  nonces: Pick<CallNonces, "take">;
  /** Milliseconds since the epoch. */
  now(): number;
  policy(): PolicyInForce;
  /** Whether an agent of the fleet has this id. */
  isPeer(id: KeyId): boolean;
}

/** Who a key is, as far as the policy knows. */
type Known = Pick<SignedCaller, "orderers" | "peer">;

/** Signed calls to this agent: who makes them, and the signature of what is answered. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #id: KeyId;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#id = keyId(options.signer.publicKey);
  }

  /**
   * Finds out who makes a call: signature by a key that the policy knows as an orderer's or a
   * peer's, time, and a nonce never seen. A call that may change something goes on only when its
   * nonce is on disk.
   *
   * @throws {PeerError} – the codes of `verifyRequest()`, and replayed
   * @throws {AgentError} busy, disk_full, state_unreadable – the nonce cannot be remembered
   */
  async admit(request: Request): Promise<SignedCaller> {
    const { now, nonces } = this.#options;
    let known: Known | undefined;
    const isKnown = (key: PublicKey) => (known = this.#find(key)) !== undefined;
    const call = verifyRequest(request, { recipient: this.#id, now: now(), isKnown });
    await nonces.take(call, request.method !== "GET" && request.method !== "HEAD");
    const { key, digest } = call;
    return { kind: "signed", key, ...known!, ...(digest && { digest }) };
  }

  /** Signs the answer to a call that was admitted; its headers are changed. */
  sign(response: { status: number; headers: Headers }, request: Request): void {
    const { signer, now } = this.#options;
    signResponse(response, request, { signer, now: now() });
  }

  #find(key: PublicKey): Known | undefined {
    const { orderers, deny } = this.#options.policy();
    if (deny.some((entry) => "key" in entry && entry.key === key)) return undefined;
    const names = [...orderers].filter(([, { keys }]) => keys.includes(key)).map(([name]) => name);
    const id = keyId(key);
    const isPeer = this.#options.isPeer(id);
    if (names.length === 0 && !isPeer) return undefined;
    return { orderers: names, ...(isPeer && { peer: id }) };
  }
}
