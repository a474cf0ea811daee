import type { Status } from "../../../../scripts/virus-sigs/status.ts";
import { writeNewKey } from "../../../author/mod.ts";
import type { Signer } from "../../../core/key.ts";
import type { Outcome } from "../../../core/outcome.ts";
import { publishScript, writePolicy } from "../demo_agent.ts";
import type { NetworkMachine } from "../network/machines.ts";
import { type DeskAgent, type Document, startHere } from "./desk_agent.ts";
import { PORT, startProcess } from "./process_agent.ts";

const SCRIPT = new URL("../../../../scripts/virus-sigs", import.meta.url).pathname;
const NAME = "acme/virus-sigs";

/** One agent of the office. */
export interface DeskOptions {
  readonly name: string;
  /** Whom its policy lists. */
  readonly peers: readonly string[];
  readonly labels?: readonly string[];
  /** A folder with another script under the same name, which no other agent would accept. */
  readonly script?: string;
  /** Where it has its policy and its state; default: a folder in the office's. */
  readonly dir?: string;
  /** `capabilities.scanner` of its grant, as YAML; absent where it has none. */
  readonly scanner?: string;
  /** Whether it listens on every address, and so speaks TLS; default: on loopback, without. */
  readonly tls?: boolean;
  /** On which its agent runs as a process of its own; default: in this process. */
  readonly machine?: NetworkMachine | undefined;
}

/** An agent of the office that runs. */
export interface OfficeAgent extends DeskAgent {
  readonly name: string;
  /** Where freshclam finds it. */
  readonly mirror: string;
}

/**
 * Agents on loopback, or on machines with a network, whose policies, as an admin would write them,
 * lend `acme/virus-sigs` what it needs. Each has a folder, keys and a policy of its own.
 */
export class SignatureOffice implements AsyncDisposable {
  readonly dir: string;
  readonly agents = new Map<string, OfficeAgent>();
  readonly #desks = new Map<string, DeskOptions>();
  readonly #settings: unknown;
  #operator!: { publicKey: string; signer: Signer; privateFile: string };
  #publisher!: { publicKey: string; signer: Signer };
  #stranger!: { publicKey: string; signer: Signer };

  private constructor(dir: string, settings: unknown) {
    this.dir = dir;
    this.#settings = settings;
  }

  /** @param settings What the grant tells the script. */
  static async open(desks: readonly DeskOptions[], settings: unknown): Promise<SignatureOffice> {
    const office = new SignatureOffice(await Deno.makeTempDir({ prefix: "writ-sigs-" }), settings);
    try {
      // The scanner's programs run as nobody, and must find their folders.
      await Deno.chmod(office.dir, 0o755);
      await office.#publish();
      const joined = await Promise.allSettled(desks.map((desk) => office.#join(desk)));
      for (const join of joined) if (join.status === "rejected") throw join.reason;
      await office.introduce();
      return office;
    } catch (error) {
      await office[Symbol.asyncDispose]();
      throw error;
    }
  }

  get(name: string): OfficeAgent {
    return this.agents.get(name)!;
  }

  /** Tells all policies where the other agents are now. */
  async introduce(): Promise<void> {
    for (const desk of this.#desks.values()) await this.#writePolicy(desk);
    await Promise.all(this.agents.values().map((agent) => agent.reload()));
  }

  /** Orders the script on one agent, as the operator, and answers how the run ended. */
  async order(
    name: string,
    input: unknown,
    documents: readonly Document[] = [],
  ): Promise<Outcome> {
    return await this.get(name).order(NAME, input, documents);
  }

  /** What the script says of itself to this machine. */
  async status(name: string): Promise<Status> {
    return JSON.parse(await this.get(name).read(`/s/${NAME}/status`));
  }

  /** Bytes of chunks that an agent gave to others since it started. */
  async sentBytes(name: string): Promise<number> {
    const figures = await this.get(name).read("/metrics");
    const found = /^writ_swarm_bytes\{way="sent"\} (\S+)$/m.exec(figures);
    return Number(found?.[1] ?? NaN);
  }

  async stop(name: string): Promise<void> {
    await this.get(name).stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.agents.values().map((agent) => agent.stop()));
    await Deno.remove(this.dir, { recursive: true });
  }

  async #publish(): Promise<void> {
    const keys = `${this.dir}/keys`;
    await Deno.mkdir(keys, { mode: 0o700 });
    this.#operator = await writeNewKey(`${keys}/operator.pem`);
    this.#publisher = await writeNewKey(`${keys}/publisher.pem`);
    this.#stranger = await writeNewKey(`${keys}/stranger.pem`);
    await publishScript(SCRIPT, this.#publisher.signer, `${this.dir}/published`);
  }

  async #join(desk: DeskOptions): Promise<void> {
    const { name, script, machine, dir = `${this.dir}/${name}` } = desk;
    if (script) await publishScript(script, this.#stranger.signer, `${dir}/published`);
    this.#desks.set(name, desk);
    await this.#writePolicy(desk);
    const started = machine
      ? await startProcess(dir, machine, this.#operator.privateFile)
      : await startHere(dir, this.#operator.signer);
    this.agents.set(name, { ...started, name, mirror: `${started.url}/s/${NAME}` });
  }

  async #writePolicy(desk: DeskOptions): Promise<void> {
    const { name, peers, script, scanner, dir = `${this.dir}/${name}` } = desk;
    const known = peers.flatMap((peer) => this.agents.get(peer) ?? []);
    const publisher = script ? this.#stranger : this.#publisher;
    const labels = [...this.agents.values()].flatMap(({ name, id }) => {
      const words = this.#desks.get(name)?.labels ?? [];
      return words.length > 0 ? [[id, words]] : [];
    });
    const listed = known.map(({ name, url, id, ca }) => {
      return { name, url, id, ...(ca && { ca }), labels: this.#desks.get(name)?.labels ?? [] };
    });
    await writePolicy(dir, {
      "fleet.yaml": `fleet: office
mode: local
orderers: { operator: { keys: [${this.#operator.publicKey}], threshold: 1 } }
sources: [${script ? `${dir}/published` : `${this.dir}/published`}]
${listensAt(desk)}
ceiling: { permissions: {}, limits: ${LIMITS} }
${listed.length > 0 ? `peers: ${JSON.stringify(listed)}\n` : ""}`,
      "accept.yaml": `publishers: { acme: { keys: [${publisher.publicKey}], threshold: 1 } }
accept: [{ script: ${NAME}, range: ^1.0.0 }]
deny: []
labels: ${JSON.stringify(Object.fromEntries(labels))}
`,
      "grants/virus-sigs.yaml": `script: ${NAME}
orders: [operator]
life: live
serve: { allow: [peers, loopback] }
capabilities: { store: {}, blobs: {}, peers: {}${scanner ? `, scanner: ${scanner}` : ""} }
settings: ${JSON.stringify(this.#settings)}
limits: ${LIMITS}
`,
    });
  }
}

/** Addresses that an agent listens on, and those that others know it by. */
function listensAt({ tls, machine }: DeskOptions): string {
  if (machine) return `listen: 0.0.0.0:${PORT}\nhosts: [${machine.address}, localhost]`;
  return tls ? "listen: 0.0.0.0:0\nhosts: [localhost]" : "listen: 127.0.0.1:0";
}

const LIMITS = "{ memory: 96 MB, cpu: 60 s, wall: 15 min, output: 1 MB, runs: 4 }";
