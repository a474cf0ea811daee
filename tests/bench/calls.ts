import process from "node:process";
import { CallNonces } from "../../runtime/agent/calls/call_nonces.ts";
import { Calls } from "../../runtime/agent/calls/calls.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { generateSigner, keyId, verifySignature } from "../../runtime/core/key.ts";
import { contentDigest, signRequest, verifyRequest } from "../../runtime/peer/mod.ts";
import { TestFleet } from "../agent/fixture.ts";

const TEXT = { "content-type": "application/json" };

/** Calls that nobody has answered yet, and the agent that will. */
export class SignedCalls implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "writ-bench-" });
  readonly #store = Store.open(`${this.#folder}/agent.db`);
  readonly #agent = generateSigner();
  readonly #fleet = new TestFleet();
  readonly #calls: Calls;

  constructor() {
    const policy = this.#fleet.policy();
    this.#calls = new Calls({
      signer: this.#agent,
      nonces: new CallNonces({ store: this.#store, now: Date.now, log: silentLog }),
      now: Date.now,
      policy: () => policy,
      isPeer: () => false,
    });
  }

  /** Processor time of one call, µs: who calls, the nonce stored, and the answer's signature. */
  async answered(count: number): Promise<number> {
    const requests = Array.from({ length: count }, (_, i) => this.#request(i));
    const digest = contentDigest(digestOf(new Uint8Array(400)));
    const start = process.cpuUsage();
    for (const request of requests) {
      await this.#calls.admit(request);
      const headers = new Headers({ ...TEXT, "content-digest": digest });
      this.#calls.sign({ status: 200, headers }, request);
    }
    this.#store.flush();
    return microseconds(start) / count;
  }

  /** The same for the two signatures and nothing else. */
  bare(count: number): Promise<number> {
    const { operator } = this.#fleet;
    const message = new Uint8Array(400);
    const signature = operator.sign(message);
    const start = process.cpuUsage();
    for (let i = 0; i < count; i++) {
      verifySignature(operator.publicKey, message, signature);
      this.#agent.sign(message);
    }
    return Promise.resolve(microseconds(start) / count);
  }

  /** The two parts that are not the nonce's, µs each. */
  profile(count: number): { verify: number; answer: number } {
    const requests = Array.from({ length: count }, (_, i) => this.#request(i));
    const rules = { recipient: keyId(this.#agent.publicKey), now: Date.now(), isKnown: () => true };
    const start = process.cpuUsage();
    for (const request of requests) verifyRequest(request, rules);
    const verify = microseconds(start) / count;
    const digest = contentDigest(digestOf(new Uint8Array(400)));
    const half = process.cpuUsage();
    for (const request of requests) {
      const headers = new Headers({ ...TEXT, "content-digest": digest });
      this.#calls.sign({ status: 200, headers }, request);
    }
    return { verify, answer: microseconds(half) / count };
  }

  #request(i: number): Request {
    const url = `http://127.0.0.1:8799/v1/runs/${i}`;
    const headers = new Headers({ host: "127.0.0.1:8799", accept: "*/*" });
    const rules = { recipient: keyId(this.#agent.publicKey), now: Date.now() };
    signRequest({ method: "GET", url, headers }, { signer: this.#fleet.operator, ...rules });
    return new Request(url, { headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#store[Symbol.dispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function microseconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
