import { Hono } from "hono";
import { Calls } from "../../../runtime/agent/calls/calls.ts";
import { guardRoutes } from "../../../runtime/agent/http/admit.ts";
import { peerRoutes } from "../../../runtime/agent/http/peer_routes.ts";
import { signedAnswers } from "../../../runtime/agent/http/signed_answers.ts";
import { ROUTES } from "../../../runtime/agent/http/route_table.ts";
import { silentLog } from "../../../runtime/agent/log.ts";
import { PeerNetwork } from "../../../runtime/agent/peers/peer_network.ts";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import type { PolicyInForce } from "../../../runtime/core/policy_in_force.ts";
import type { PeerEntry } from "../../../runtime/policy/mod.ts";

/** What all agents of a fleet are told. */
export interface LightRules {
  readonly policy: PolicyInForce;
  readonly peers: readonly PeerEntry[];
}

/**
 * An agent without state, runs and scripts: its key, its address, and all that makes it find others
 * and be found, by the same code and over the same signed HTTP as a whole one.
 */
export class LightAgent implements AsyncDisposable {
  readonly id: KeyId;
  readonly url: string;
  readonly network: PeerNetwork;
  /** Bytes of HTTP that came here and left here as answers; those of its own calls are with others. */
  served = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /**
   * @param rules As they are at the moment.
   * @param now Milliseconds since the epoch.
   * @param called Told who made a call, and how many bytes went both ways.
   * @param hostname Where it listens.
   */
  constructor(
    rules: () => LightRules,
    now: () => number,
    called: (by: KeyId, bytes: number) => void,
    hostname = "127.0.0.1",
  ) {
    const signer = generateSigner();
    this.id = keyId(signer.publicKey);
    const isPeer = (id: KeyId) => id !== this.id && rules().policy.labels.has(id);
    const nonces = { take: () => Promise.resolve() };
    const calls = new Calls({ signer, nonces, now, policy: () => rules().policy, isPeer });
    const app = new Hono();
    app.use(signedAnswers({ calls }));
    const refused = () => {};
    guardRoutes(app, ROUTES, { calls, isOperator: () => false, refused, refusedCall: refused });
    app.route("/", peerRoutes({ peers: { exchange, pass } }));
    const served = { hostname, port: 0, onListen: () => {} };
    this.#server = Deno.serve(served, async (request) => {
      const asked = lengthOf(request) + Number(request.headers.get("content-length") ?? 0);
      const response = await app.fetch(request);
      const body = new Uint8Array(await response.arrayBuffer());
      const bytes = asked + lengthOf(response) + body.length;
      this.served += bytes;
      called(callerOf(request), bytes);
      return new Response(body, response);
    });
    this.url = `http://${hostname}:${this.#server.addr.port}`;
    this.network = new PeerNetwork({
      signer,
      rules: () => ({ ...rules(), sources: [] }),
      now,
      addresses: () => [this.url],
      offered: () => [],
      log: silentLog,
    });
    const { network } = this;
    function exchange(...call: Parameters<PeerNetwork["exchange"]>) {
      return Promise.resolve(network.exchange(...call));
    }
    function pass(...call: Parameters<PeerNetwork["pass"]>) {
      return network.pass(...call);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}

/** Whose key signed a request that was admitted. */
function callerOf(request: Request): KeyId {
  const key = /keyid="([^"]+)"/.exec(request.headers.get("signature-input") ?? "")?.[1];
  return keyId(key as Parameters<typeof keyId>[0]);
}

/** The first line and the fields, as HTTP/1.1 writes them. */
function lengthOf(message: Request | Response): number {
  const first = message instanceof Request
    ? `${message.method} ${new URL(message.url).pathname} HTTP/1.1`
    : `HTTP/1.1 ${message.status} OK`;
  let length = first.length + 4;
  for (const [name, value] of message.headers) length += name.length + value.length + 4;
  return length;
}
