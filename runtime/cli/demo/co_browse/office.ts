import { type Agent, rulesFromFolder, sandboxRunner, startAgent } from "../../../agent/mod.ts";
import {
  makeOrder,
  packScript,
  publishTo,
  signDocument,
  writeNewKey,
} from "../../../author/mod.ts";
import type { KeyId } from "../../../core/documents/common.ts";
import type { Signer } from "../../../core/key.ts";
import { AgentClient } from "../../reach/agent_client.ts";
import { sendOrder } from "../../reach/upload.ts";
import { followRun } from "../../runs/follow_run.ts";

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
export interface DeskAgent extends Desk {
  readonly dir: string;
  readonly agent: Agent;
  readonly client: AgentClient;
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
    const { agent, client } = this.get(name);
    const { envelope } = makeOrder({
      fleet: "office",
      script: { name: NAME, range: "^1.0.0" },
      audience: { agents: [agent.id as KeyId] },
      now: Date.now(),
      input,
      attachments: [],
    }, [this.#operator.signer]);
    const { run } = await sendOrder(client, envelope);
    return run;
  }

  async #publish(): Promise<void> {
    const keys = `${this.dir}/keys`;
    await Deno.mkdir(keys, { mode: 0o700 });
    this.#operator = await writeNewKey(`${keys}/operator.pem`);
    this.#publisher = await writeNewKey(`${keys}/publisher.pem`);
    const { payload, ...packed } = await packScript(SCRIPT);
    const { envelope } = signDocument(payload, [this.#publisher.signer], "manifest.json");
    await publishTo(`${this.dir}/published`, { ...packed, envelope });
  }

  async #join(desk: Desk): Promise<void> {
    const dir = `${this.dir}/${desk.name}`;
    await Deno.mkdir(`${dir}/policy/grants`, { recursive: true, mode: 0o755 });
    await this.#writePolicy(desk);
    const state = `${dir}/state`;
    const agent = await startAgent({
      stateDir: state,
      rules: rulesFromFolder(`${dir}/policy`, [state]),
      runner: sandboxRunner(),
    });
    const token = (await Deno.readTextFile(`${state}/operator.token`)).trim();
    const client = new AgentClient(agent.url, { token });
    this.desks.set(desk.name, { ...desk, dir, agent, client, endpoint: `${agent.url}/s/${NAME}` });
  }

  async #writePolicy({ name, browser }: Desk): Promise<void> {
    const peers = [...this.desks.values()].filter((desk) => desk.name !== name)
      .map(({ name, agent: { url, id } }) => ({ name, url, id }));
    const settings = { ...this.#settings as object, name };
    const files = {
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
    };
    for (const [file, text] of Object.entries(files)) {
      const path = `${this.dir}/${name}/policy/${file}`;
      await Deno.writeTextFile(path, text, { mode: 0o644 });
    }
  }
}
