import type { AttachmentHandle } from "writ";
import { type Agent, rulesFromFolder, sandboxRunner, startAgent } from "../../runtime/agent/mod.ts";
import { initFleet, makeOrder, readSigner } from "../../runtime/author/mod.ts";
import { AgentClient } from "../../runtime/cli/reach/agent_client.ts";
import { sendOrder } from "../../runtime/cli/reach/upload.ts";
import {
  type FollowedEnd,
  type FollowedEvent,
  followRun,
} from "../../runtime/cli/runs/follow_run.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import type { PrintInput } from "../../scripts/print/input.ts";
import { acceptPrint, editPolicy, grantPrint } from "./print_policy.ts";

/** A run that was ordered. */
export interface OrderedPrint {
  readonly run: number;
  readonly end: Promise<FollowedEnd>;
}

/**
 * A fleet in a folder of its own, as `writ init` makes it and an admin then edits it: `acme/print`
 * is packed, signed, published and accepted, and granted one printer.
 */
export class PrintFleet implements AsyncDisposable {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** @param printer `host:port`. */
  static async make(printer: string): Promise<PrintFleet> {
    const fleet = new PrintFleet(await Deno.makeTempDir({ prefix: "writ-fleet-" }));
    try {
      await initFleet(fleet.dir, { fleet: "printing", now: Date.now() });
      await acceptPrint(fleet.dir);
      await fleet.#allow(printer);
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts an agent in this process. */
  async start(): Promise<PrintAgent> {
    const state = `${this.dir}/state`;
    const agent = await startAgent({
      stateDir: state,
      rules: rulesFromFolder(`${this.dir}/policy`, [state, `${this.dir}/keys`]),
      runner: sandboxRunner(),
    });
    return new PrintAgent(this, agent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }

  async #allow(printer: string): Promise<void> {
    const net = `net: [{ address: "${printer}", internal: true }]`;
    await editPolicy(
      this.dir,
      "fleet.yaml",
      (text) => text.replace("net: []", net).replace("127.0.0.1:8799", "127.0.0.1:0"),
    );
    await grantPrint(
      this.dir,
      `script: acme/print
orders: [operator]
permissions:
  ${net}
capabilities: { store: {}, blobs: {} }
limits: { memory: 64 MB, cpu: 10 s, wall: 10 min, output: 256 kB, runs: 4 }
life: live
`,
    );
  }
}

/** The fleet's agent, and an operator who orders from it over HTTP. */
export class PrintAgent implements AsyncDisposable {
  readonly #fleet: PrintFleet;
  readonly #agent: Agent;
  readonly #client: AgentClient;

  constructor(fleet: PrintFleet, agent: Agent) {
    this.#fleet = fleet;
    this.#agent = agent;
    const token = Deno.readTextFileSync(`${fleet.dir}/state/operator.token`).trim();
    this.#client = new AgentClient(agent.url, { token });
  }

  /** Uploads the document, signs and sends the order, and follows its run. */
  async order(
    input: PrintInput,
    document: AttachmentHandle,
    onEvent: (event: FollowedEvent) => void = () => {},
  ): Promise<OrderedPrint> {
    const { name, mediaType } = document;
    const body = await document.bytes() as Uint8Array<ArrayBuffer>;
    const sha256 = digestOf(body);
    const stored = await this.#client.ask(`/v1/blobs/${sha256}`, { method: "PUT", body });
    await stored.body?.cancel();
    const { envelope } = makeOrder({
      fleet: "printing",
      script: { name: "acme/print", range: "^1.0.0" },
      audience: { agents: [this.#agent.id as KeyId] },
      now: Date.now(),
      input,
      attachments: [{ name, mediaType, sha256, length: body.length }],
    }, [await readSigner(`${this.#fleet.dir}/keys/operator.pem`)]);
    const { run } = await sendOrder(this.#client, envelope);
    const signal = AbortSignal.timeout(60_000);
    return { run, end: followRun(this.#client, run, { signal, onEvent }) };
  }

  async cancel({ run }: OrderedPrint): Promise<void> {
    await this.#client.json(`/v1/runs/${run}/cancel`, { method: "POST" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.stop();
  }
}
