import { HUB_NOTE_LIMITS } from "../../../runtime/capabilities/hub.ts";
import { isAlive } from "../../hostile/proc.ts";
import { until } from "../../until.ts";
import { compareInforms, compareRuns } from "./compare.ts";
import { type GoneSample, Machine } from "./machine.ts";
import { memoryFaults } from "./memory.ts";
import { GonePlace } from "./place.ts";

export interface GoneOptions {
  /** How long the hub is away. */
  minutes: number;
  agents: number;
  /** Told of each agent's sample, once a minute. */
  onSample?(minute: number, agent: number, sample: GoneSample): void;
}

/** What agents did without their hub. */
export interface GoneReport {
  minutes: number;
  /** Runs that the operator ordered, and those of the order that the hub had left. */
  runs: { operator: number; hub: number };
  informs: { kept: number; refused: number };
  /** Of each agent, once a minute. */
  samples: GoneSample[][];
  /** After its start the hub had all agents online, and everything that had waited for it. */
  onlineMs: number;
  allToldMs: number;
  /** What is not as it must be. */
  faults: string[];
}

/** Between two orders to each agent. */
const TURN_MS = 5_000;
/** Of each run: more in an hour than the agent keeps, so that its bound is reached. */
const INFORMS = 2;
const MINUTE_MS = 60_000;
/** Everybody is to be online again after a start of the hub within this. */
const ONLINE_MS = 30_000;

/**
 * Takes the hub from agents that work by the list that it brought them, has them ordered on, and
 * gives it back.
 */
export async function hubGone(options: GoneOptions): Promise<GoneReport> {
  await using place = await GonePlace.make();
  const machines: Machine[] = [];
  try {
    for (let i = 0; i < options.agents; i++) {
      machines.push(await Machine.start(place, `machine${i + 1}`, i === 0));
    }
    await allOnline(place, machines, 0);
    const repeated = await place.orderEveryMinute({ turn: 0, informs: 0 });
    await until(() => place.runsOf(repeated).length === machines.length);
    for (const machine of machines) await machine.turn(0, 0);

    await place.killHub();
    const samples = await goOn(machines, options);

    const started = performance.now();
    const since = Date.now();
    await place.startHub();
    await allOnline(place, machines, since);
    const onlineMs = performance.now() - started;
    const faults = machines.flatMap(({ bad }) => bad);
    faults.push(...await compareInforms(place, machines));
    faults.push(...await compareRuns(place, machines, repeated));
    const allToldMs = performance.now() - started;
    if (onlineMs > ONLINE_MS) faults.push(`online again only after ${onlineMs.toFixed()} ms`);
    faults.push(...memoryFaults(samples));
    for (const { waiting } of samples.flat()) {
      if (waiting > HUB_NOTE_LIMITS.INFORMS) faults.push(`${waiting} informs waited`);
    }
    return {
      ...{ minutes: options.minutes, samples, onlineMs, allToldMs, faults },
      runs: {
        operator: sum(machines, ({ ended }) => ended),
        hub: place.runsOf(repeated).length,
      },
      informs: {
        kept: sum(machines, ({ told }) => told.kept),
        refused: sum(machines, ({ told }) => told.refused),
      },
    };
  } finally {
    for (const { agent } of machines) if (isAlive(agent.pid)) await agent.stop();
  }
}

/** Orders every agent again and again, and looks at each once a minute. */
async function goOn(
  machines: readonly Machine[],
  { minutes, onSample }: GoneOptions,
): Promise<GoneSample[][]> {
  const samples: GoneSample[][] = machines.map(() => []);
  const begun = performance.now();
  for (let turn = 1; performance.now() < begun + minutes * MINUTE_MS; turn++) {
    await Promise.all(machines.map((machine) => machine.turn(turn, INFORMS)));
    const minute = Math.floor((performance.now() - begun) / MINUTE_MS);
    for (const [i, machine] of machines.entries()) {
      if (samples[i]!.length > minute) continue;
      samples[i]!.push(await machine.sample());
      onSample?.(minute, i + 1, samples[i]!.at(-1)!);
    }
    const rest = begun + turn * TURN_MS - performance.now();
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
  return samples;
}

/** Waits until the hub has each of them online since then, working by its list. */
async function allOnline(
  place: GonePlace,
  machines: readonly Machine[],
  since: number,
): Promise<void> {
  await until(async () => {
    const agents = await place.agents();
    return machines.every(({ agent: { id } }) => {
      const { presence, list } = agents.find((one) => one.id === id)!;
      return presence.state === "online" && (presence.since ?? 0) >= since && list !== null;
    });
  });
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
