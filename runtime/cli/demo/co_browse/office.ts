import { writeNewKey } from "../../../author/mod.ts";
import type { Signer } from "../../../core/key.ts";
import { followRun } from "../../runs/follow_run.ts";
import {
  type DemoAgent,
  orderScript,
  publishScript,
  startDemoAgent,
  writePolicy,
} from "../demo_agent.ts";

const SCRIPT = new URL("../../../../scripts/co-browse", import.meta.url).pathname;
const NAME = "acme/co-browse";
const LIMITS = "{ memory: 128 MB, cpu: 30 min, wall: 2 h, output: 10 MB, runs: 8 }";

/** One machine of the office. */
export interface Desk {
  readonly name: string;
  /** `capabilities.browser` of its grant, as YAML. */
  readonly browser: string;
}

/** A machine whose agent runs. */
export interface DeskAgent extends Desk, DemoAgent {
  /** Where the script's endpoint is. */
  readonly endpoint: string;
}

/** A run that was ordered and lasts. */
export interface LastingRun {
  readonly run: number;
  /** Every event of the run so far, as text. */
  readonly events: readonly unknown[];
  readonly ended: Promise<unknown>;
}

/** Agents on loopback that know each other, and whose policies lend the script a browser. */
export class CoBrowseOffice implements AsyncDisposable {
  readonly dir: string;
  readonly desks = new Map<string, DeskAgent>();
  readonly #settings: unknown;
  #operator!: { publicKey: string; signer: Signer };
  #publisher!: { publicKey: string; signer: Signer };

  private constructor(dir: string, settings: unknown) {
    this.dir = dir;
    this.#settings = settings;
  }

  /** @param settings What each grant tells the script, besides its person's name. */
  static async open(desks: readonly Desk[], settings: object = {}): Promise<CoBrowseOffice> {
    const dir = await Deno.makeTempDir({ prefix: "writ-co-browse-" });
    const office = new CoBrowseOffice(dir, settings);
    try {
      // The browser's user passes through.
      await Deno.chmod(dir, 0o711);
      await office.#publish();
      for (const desk of desks) await office.#join(desk);
      for (const desk of desks) await office.#writePolicy(desk);
      for (const { agent } of office.desks.values()) await agent.reload();
      return office;
    } catch (error) {
      await office[Symbol.asyncDispose]();
      throw error;
    }
  }

  get(name: string): DeskAgent {
    return this.desks.get(name)!;
  }

  /** Orders what lasts: to share, or to join. */
  async begin(name: string, input: unknown): Promise<LastingRun> {
    const { client } = this.get(name);
    const run = await this.#send(name, input);
    const events: unknown[] = [];
    const stop = new AbortController();
    const ended = followRun(client, run, {
      signal: stop.signal,
      onEvent: (event) => void events.push(event),
    });
    ended.catch(() => {});
    return { run, events, ended };
  }

  /** Orders what is done at once, and answers what came of it. */
  async do<T = unknown>(name: string, input: unknown): Promise<T> {
    const run = await this.#send(name, input);
    const end = await followRun(this.get(name).client, run, {
      signal: AbortSignal.timeout(30_000),
      onEvent: () => {},
    });
    const { outcome, result } = end as unknown as { outcome: string; result: T };
    if (outcome !== "ok") throw new Error(`${name}: ${JSON.stringify(end)}`);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { agent } of this.desks.values()) await agent.stop();
    await Deno.remove(this.dir, { recursive: true });
  }

  async #send(name: string, input: unknown): Promise<number> {
    return await orderScript(this.get(name), NAME, { input }, this.#operator.signer);
  }

  async #publish(): Promise<void> {
    const keys = `${this.dir}/keys`;
    await Deno.mkdir(keys, { mode: 0o700 });
    this.#operator = await writeNewKey(`${keys}/operator.pem`);
    this.#publisher = await writeNewKey(`${keys}/publisher.pem`);
    await publishScript(SCRIPT, this.#publisher.signer, `${this.dir}/published`);
  }

  async #join(desk: Desk): Promise<void> {
    await this.#writePolicy(desk);
    const started = await startDemoAgent(`${this.dir}/${desk.name}`);
    this.desks.set(desk.name, { ...desk, ...started, endpoint: `${started.url}/s/${NAME}` });
  }

  async #writePolicy({ name, browser }: Desk): Promise<void> {
    const peers = [...this.desks.values()].filter((desk) => desk.name !== name)
      .map(({ name, agent: { url, id } }) => ({ name, url, id }));
    const settings = { ...this.#settings as object, name };
    await writePolicy(`${this.dir}/${name}`, {
      "fleet.yaml": `fleet: office
mode: local
orderers: { operator: { keys: [${this.#operator.publicKey}], threshold: 1 } }
sources: [${this.dir}/published]
listen: 127.0.0.1:0
ceiling: { permissions: {}, limits: ${LIMITS} }
${peers.length > 0 ? `peers: ${JSON.stringify(peers)}\n` : ""}`,
      "accept.yaml": `publishers: { acme: { keys: [${this.#publisher.publicKey}], threshold: 1 } }
accept: [{ script: ${NAME}, range: ^1.0.0 }]
deny: []
`,
      "grants/co-browse.yaml": `script: ${NAME}
orders: [operator]
life: live
serve: { allow: [loopback, public], wall: 2 h, idle: 5 min, requests: 64 }
capabilities: { peers: {}, channel: {}, browser: ${browser} }
settings: ${JSON.stringify(settings)}
limits: ${LIMITS}
`,
    });
  }
}
