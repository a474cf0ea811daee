import assert from "node:assert/strict";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { RunTable } from "../../runtime/agent/store/runs.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const ROUNDS = 5;
const SENDERS = 8;

/** An agent in a process of its own. */
class WakingAgent {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  url = "";
  operator = "";

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(state: string, operator: string): Promise<WakingAgent> {
    const script = new URL("waking_agent.ts", import.meta.url).pathname;
    const agent = new WakingAgent(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-prompt", "-A", script, state, ...operator ? [operator] : []],
        stdin: "piped",
        stdout: "piped",
      }).spawn(),
    );
    Object.assign(agent, JSON.parse((await agent.#lines.read()).value!));
    return agent;
  }

  async ask(query: string): Promise<unknown> {
    const response = await fetch(`${this.url}/s/acme/echo/${query}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** Resolves when a run has ended. */
  async followed(state: string, run: number): Promise<void> {
    const token = Deno.readTextFileSync(statePaths(state).token).trim();
    const headers = { authorization: `Bearer ${token}` };
    await (await fetch(`${this.url}/v1/runs/${run}/events`, { headers })).text();
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async gone(): Promise<void> {
    await this.#process.stdin.close().catch(() => {});
    await this.#lines.cancel();
    await this.#process.status;
  }
}

Deno.test("an agent killed at any moment keeps what scripts stored, and wakes them once", async () => {
  using folder = new TemporaryDir();
  const state = `${folder.path}/state`;
  let operator = "";
  let added = 0;
  let tried = 0;
  let number = 0;
  const scheduled = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const agent = await WakingAgent.start(state, operator);
    operator = agent.operator;
    const enough = 40 * (round + 1);
    const sender = async () => {
      try {
        while (true) {
          tried++;
          await agent.ask("?add=x");
          if (++added >= enough) agent.kill();
          const n = ++number;
          await agent.ask(`?at=${n}`);
          scheduled.add(n);
        }
      } catch {
        // It was killed.
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    await agent.gone();
  }

  const agent = await WakingAgent.start(state, operator);
  using store = Store.open(statePaths(state).database);
  const runs = new RunTable(store);
  for (const { id } of runs.unfinished()) await agent.followed(state, id);
  const entries = await agent.ask("") as { key: string; value: number }[];
  agent.kill();
  await agent.gone();

  const valueOf = (key: string) => entries.find((entry) => entry.key === key)?.value ?? 0;
  assert.ok(valueOf("x") >= added, `${valueOf("x")} of ${added} that were acknowledged`);
  assert.ok(valueOf("x") <= tried, `${valueOf("x")} of ${tried} that were asked for`);
  const woken = runs.list(100_000).filter(({ orderer }) => orderer === "script");
  const interrupted = woken.filter(({ outcome }) => outcome?.outcome === "interrupted").length;
  const lost = [...scheduled].filter((n) => valueOf(`done ${n}`) === 0).length;
  const twice = entries.filter(({ key, value }) => key.startsWith("done ") && value > 1);
  assert.deepEqual(twice, []);
  assert.ok(lost <= interrupted, `${lost} of ${scheduled.size} lost, ${interrupted} interrupted`);
  assert.ok(woken.length >= scheduled.size);
  assert.ok(scheduled.size > ROUNDS, "some were scheduled at all");
  const other = woken.filter(({ outcome }) => !["ok", "interrupted"].includes(outcome!.outcome));
  assert.deepEqual(other.map(({ outcome }) => outcome), []);
});
