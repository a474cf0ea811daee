import { until } from "../../until.ts";
import type { Machine } from "./machine.ts";
import type { GonePlace } from "./place.ts";
import { TICK } from "./telling.ts";

/** Waits until the hub has every inform that the agents kept. @returns what is there twice or not. */
export async function compareInforms(
  place: GonePlace,
  machines: readonly Machine[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const { agent: { id }, told: { kept } } of machines) {
    const stored = () =>
      place.all("SELECT data FROM script_events WHERE agent = ? AND name = ?", id, TICK)
        .map(({ data }) => String(data));
    await until(() => stored().length >= kept).catch(() => {});
    const [all, different] = [stored().length, new Set(stored()).size];
    if (all === kept && different === kept) continue;
    faults.push(`${id}: ${kept} informs were kept, the hub has ${all}, ${different} different`);
  }
  return faults;
}

/** Waits until the hub has every run of its order. @returns what is there twice or not. */
export async function compareRuns(
  place: GonePlace,
  machines: readonly Machine[],
  order: string,
): Promise<string[]> {
  const faults: string[] = [];
  for (const { agent } of machines) {
    const ran: number[] = [];
    for await (const { id, orderer, state, outcome } of agent.runs()) {
      if (orderer !== "hub" || state !== "ended") continue;
      ran.push(id);
      if (outcome?.outcome !== "ok") faults.push(`run ${id}: ${JSON.stringify(outcome)}`);
    }
    const stored = () => place.runsOf(order).filter((one) => one.agent === agent.id);
    const known = (run: number) => stored().filter((one) => one.run === run).length;
    await until(() => ran.every((run) => known(run) > 0)).catch(() => {});
    const wrong = ran.filter((run) => known(run) !== 1);
    if (wrong.length > 0) faults.push(`${agent.id}: of runs ${wrong} the hub has not one outcome`);
  }
  return faults;
}
