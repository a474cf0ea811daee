import { AuditReader } from "../../../runtime/agent/mod.ts";
import { statePaths } from "../../../runtime/agent/state/state_dir.ts";
import { RunTable } from "../../../runtime/agent/store/runs.ts";
import { Store } from "../../../runtime/agent/store/store.ts";
import { commandLines } from "../../hostile/proc.ts";
import { KilledAgent, type Ready, sendOrder } from "./killed_agent.ts";
import { KillFleet, type KillScript } from "./kill_fleet.ts";
import { type Given, judge, type Verdict } from "./judge.ts";
import { randomFrom } from "./random.ts";
import { Witness } from "./witness.ts";

/** What is killed, and how often. */
export interface KillOptions {
  rounds: number;
  /** Decides the moments and the orders. */
  seed: number;
  /** Told after each round. */
  onRound?(round: number, given: number): void;
}

/** What was counted. */
export interface KillReport extends Verdict {
  rounds: number;
  seed: number;
  /** Rounds that ended before the agent was ready. */
  beforeReady: number;
  /** Orders whose answer was never heard; sent once more in the next round. */
  unheard: number;
  orphans: number;
  auditRows: number;
  seconds: number;
}

/** One kill in five comes within so long after the start, mostly before the agent is ready. */
const START_MS = 500;
/** The others come within so long after it is ready, however busy the machine is. */
const LIFE_MS = 1_000;
const ORDERS_PER_ROUND = 10;
const GRACE_MS = 5_000;

/** Kills an agent again and again under load, and looks at what became of each order. */
export async function killRounds({ rounds, seed, onRound }: KillOptions): Promise<KillReport> {
  const started = performance.now();
  const random = randomFrom(seed);
  await using witness = new Witness();
  using fleet = new KillFleet(witness.port);
  const given = new Map<string, Given>();
  const faults: string[] = [];
  let [beforeReady, unheard, orphans, auditRows] = [0, 0, 0, 0];
  let again: Given[] = [];

  for (let round = 1; round <= rounds; round++) {
    const agent = new KilledAgent(fleet);
    const early = random() < 0.2 ? pause(random() * START_MS) : undefined;
    const life = random() * LIFE_MS;
    const coming = agent.ready.catch(() => undefined);
    const ready = await (early ? Promise.race([coming, early.then(() => undefined)]) : coming);
    const lost: Given[] = [];
    let sending: Promise<unknown> | undefined;
    if (!ready) beforeReady++;
    else {
      const send = async (order: Given) => {
        given.set(order.id, order);
        const answer = await sendOrder(ready, order.envelope);
        if (typeof answer === "number") order.run = answer;
        else if (answer === undefined) lost.push(order);
        else if (answer !== "replayed") faults.push(`order ${order.id} was refused: ${answer}`);
      };
      const load = loadOf(fleet, ready, again, random);
      again = [];
      const senders = Array.from({ length: 3 }, async () => {
        for (const order of load) {
          await send(order);
          await pause(random() * 200);
        }
      });
      await Promise.all([early ?? pause(life), ...senders]);
      // Some are on their way to the disk when it ends.
      const last = [...loadOf(fleet, ready, [], random)].slice(0, 4).map(send);
      await pause(random() * 6);
      sending = Promise.all(last);
    }
    const lastWords = await agent.kill();
    await early;
    await sending;
    again = [...again, ...lost];
    unheard += lost.length;
    if (lastWords !== undefined) faults.push(`round ${round}: it ended by itself: ${lastWords}`);
    orphans += await countOrphans(witness.port);
    auditRows = verifyAudit(fleet.state, auditRows, faults);
    onRound?.(round, given.size);
  }

  await finish(fleet, faults);
  orphans += await countOrphans(witness.port);
  auditRows = verifyAudit(fleet.state, auditRows, faults);
  using store = Store.open(statePaths(fleet.state).database);
  const runs = new RunTable(store).list(Number.MAX_SAFE_INTEGER);
  const verdict = judge([...given.values()], runs, witness.seen);
  if (orphans > 0) faults.push(`${orphans} cells outlived their agent`);
  const seconds = (performance.now() - started) / 1_000;
  return {
    ...{ rounds, seed, beforeReady, unheard, orphans, auditRows, seconds },
    ...verdict,
    faults: [...faults, ...verdict.faults],
  };
}

/** Orders of every sort, those first that were not heard of. */
function* loadOf(
  fleet: KillFleet,
  { agent }: Ready,
  before: readonly Given[],
  random: () => number,
): Generator<Given> {
  yield* before;
  for (let i = 0; i < ORDERS_PER_ROUND; i++) {
    const script: KillScript = random() < 0.5 ? "once" : "again";
    const queueKey = random() < 0.4 ? `${script}-queue` : undefined;
    const laterMs = !queueKey && random() < 0.2 ? 1_000 : undefined;
    const ms = Math.floor(random() * 200);
    const { order, envelope } = fleet.order(script, agent, { ms, queueKey, laterMs });
    yield { id: order.id, script, queueKey, envelope };
  }
}

/** Lets an agent that nobody kills do all that is left. */
async function finish(fleet: KillFleet, faults: string[]): Promise<void> {
  const agent = new KilledAgent(fleet);
  try {
    const { url } = await agent.ready;
    const token = Deno.readTextFileSync(statePaths(fleet.state).token).trim();
    const headers = { authorization: `Bearer ${token}` };
    for (let before = Number.MAX_SAFE_INTEGER; before > 1;) {
      const path = `/v1/runs?limit=500&before=${Math.min(before, 999_999_999)}`;
      const { runs } = await (await fetch(url + path, { headers })).json();
      for (const { id, state } of runs) {
        // Its events end when it does.
        if (state !== "ended") {
          await (await fetch(`${url}/v1/runs/${id}/events`, { headers })).text();
        }
      }
      before = runs.at(-1)?.id ?? 0;
    }
    const { code } = await agent.stop();
    if (code !== 0) faults.push(`the last agent ended with exit code ${code}`);
  } catch (error) {
    faults.push(`the last agent: ${(error as Error).message} ${await agent.kill() ?? ""}`);
  }
}

function verifyAudit(state: string, before: number, faults: string[]): number {
  try {
    using audit = AuditReader.open(state);
    const { ok, rows, firstBad } = audit.verify();
    if (!ok) faults.push(`the audit chain is broken: ${firstBad?.fault} at row ${firstBad?.seq}`);
    if (rows < before) faults.push(`the audit log lost rows: ${before}, then ${rows}`);
    return rows;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Killed before it had made its state.
    const nothingYet = before === 0 && (code === "no_state" || code === "key_unreadable");
    if (!nothingYet) faults.push(`the audit log cannot be read: ${message}`);
    return before;
  }
}

/** Cells that live on. Their right to reach the witness tells them from all others. */
async function countOrphans(port: number): Promise<number> {
  const cells = () => commandLines().filter((line) => line.includes(`127.0.0.1:${port}`)).length;
  const deadline = performance.now() + GRACE_MS;
  while (cells() > 0 && performance.now() < deadline) {
    await pause(10);
  }
  return cells();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
