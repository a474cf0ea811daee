import { detectHost, Sandbox } from "../../runtime/sandbox/mod.ts";
import { coldRun, idleMemory, loadScript, prewarmedRun, warmCalls } from "./cells.ts";
import type { Peers } from "./peers.ts";
import { memoryOf } from "./proc.ts";
import type { Rounds } from "./rounds.ts";
import type { Row } from "./row.ts";
import { inTurns, median } from "./statistics.ts";

const IDLE_CELLS = 20;
const HTTP_WORKER = "deno-http-worker";
const WORKERD = "workerd";

/** What cells are compared at: the others have no file system of their own either. */
const host = await detectHost({ highest: 1 });

/** Cells beside the two programs that people run foreign code in. */
export async function measureCells(peers: Peers, rounds: Rounds): Promise<Row[]> {
  return [
    ...await measureStarts(peers, rounds),
    ...await measureView(rounds),
    ...await measureCalls(peers, rounds),
    ...await measureMemory(peers),
  ];
}

async function measureStarts(peers: Peers, { starts }: Rounds): Promise<Row[]> {
  await using sandbox = await Sandbox.open({ host });
  await using prewarmed = await Sandbox.open({ host, prewarm: 1 });
  const [cold, warm, httpWorker, fastest, workerd] = await inTurns(starts, [
    () => coldRun(sandbox),
    () => prewarmedRun(prewarmed),
    () => peers.httpWorkerCold(false),
    () => peers.httpWorkerCold(true),
    () => peers.workerdCold(),
  ]);
  const what = "cold first result";
  return [
    {
      what,
      value: median(cold!),
      unit: "ms",
      beside: { name: HTTP_WORKER, value: median(httpWorker!) },
      target: { of: "ratio", most: true, limit: 1.1, aim: 0.9 },
      note: `${HTTP_WORKER} looks every 20 ms whether its process is ready, so its time jumps.`,
    },
    {
      what,
      value: median(cold!),
      unit: "ms",
      beside: { name: `${HTTP_WORKER} tuned`, value: median(fastest!) },
      note: "tuned is with the experimental options fastReady, cacheBootstrap and skipWarm.",
    },
    {
      what,
      value: median(cold!),
      unit: "ms",
      beside: { name: `${WORKERD} process`, value: median(workerd!) },
    },
    {
      what: "prewarmed first result",
      value: median(warm!),
      unit: "ms",
      beside: { name: `${WORKERD} process`, value: median(workerd!) },
      target: { of: "ratio", most: true, limit: 0.2 },
    },
  ];
}

/** What a file system of its own costs a cell. No rows where there is none to be had. */
async function measureView({ starts }: Rounds): Promise<Row[]> {
  const viewed = await detectHost();
  if (viewed.level < 2) return [];
  await using below = await Sandbox.open({ host });
  await using belowPrewarmed = await Sandbox.open({ host, prewarm: 1 });
  await using sandbox = await Sandbox.open({ host: viewed });
  await using prewarmed = await Sandbox.open({ host: viewed, prewarm: 1 });
  const [coldBelow, cold, warmBelow, warm] = await inTurns(starts, [
    () => coldRun(below),
    () => coldRun(sandbox),
    () => prewarmedRun(belowPrewarmed),
    () => prewarmedRun(prewarmed),
  ]);
  return [
    {
      what: "cold first result, level 2",
      value: median(cold!),
      unit: "ms",
      beside: { name: "level 1", value: median(coldBelow!) },
    },
    {
      what: "prewarmed first result, level 2",
      value: median(warm!),
      unit: "ms",
      beside: { name: "level 1", value: median(warmBelow!) },
    },
  ];
}

async function measureCalls(peers: Peers, { warmTurns, warmCalls: count }: Rounds): Promise<Row[]> {
  await using sandbox = await Sandbox.open({ host });
  const script = await loadScript(sandbox);
  const all = [
    () => warmCalls(script, count),
    () => peers.httpWorkerWarm(count),
    () => peers.workerdWarm(count),
  ];
  for (const calls of all) await calls(); // until each has compiled what it calls often
  const [here, httpWorker, workerd] = (await inTurns(warmTurns, all)).map((turn) => turn.flat());
  const what = "warm call";
  const value = median(here!);
  return [
    {
      what,
      value,
      unit: "ms",
      beside: { name: HTTP_WORKER, value: median(httpWorker!) },
      target: { of: "ratio", most: true, limit: 1, aim: 0.8 },
    },
    { what, value, unit: "ms", beside: { name: WORKERD, value: median(workerd!) } },
  ];
}

async function measureMemory(peers: Peers): Promise<Row[]> {
  await using sandbox = await Sandbox.open({ host });
  const cell = await idleMemory(sandbox, IDLE_CELLS);
  const workerd = await memoryOf(await peers.workerdPid());
  return [
    {
      what: `idle cell of ${IDLE_CELLS}, private dirty`,
      value: cell.privateDirty / 1e6,
      unit: "MB",
      beside: { name: `${WORKERD}, one`, value: workerd.privateDirty / 1e6 },
      target: { of: "value", most: true, limit: 20 },
    },
    {
      what: `idle cell of ${IDLE_CELLS}, PSS`,
      value: cell.pss / 1e6,
      unit: "MB",
      beside: { name: `${WORKERD}, one`, value: workerd.pss / 1e6 },
    },
    {
      what: `idle cell of ${IDLE_CELLS}, RSS`,
      value: cell.rss / 1e6,
      unit: "MB",
      beside: { name: `${WORKERD}, one`, value: workerd.rss / 1e6 },
    },
  ];
}
