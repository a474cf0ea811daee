import type { Rollout, RolloutState } from "../../../runtime/hub/mod.ts";
import { TestHub, type TestMachine, until } from "../hub_fixture.ts";
import { pin } from "./pin.ts";

export const GATE = { okPercent: 100, settleMs: 0, withinMs: 60_000 };

/** What machines worked by before the old version was pinned. */
export const unpinned = new WeakMap<TestMachine, TestMachine["rules"]>();

/** A hub with a canary and two more agents, that has two versions of a script. */
export async function fleetOfThree(started: AsyncDisposableStack, database: string) {
  const hub = started.use(await TestHub.start({ database }));
  const { digest } = hub.fleet.publish("1.0.0");
  hub.fleet.publish("1.1.0", { sequence: 2 });
  const machines: TestMachine[] = [];
  for (const labels of [["canary"], [], []]) {
    const machine = started.use(await hub.machine({ labels }));
    await machine.enrol();
    unpinned.set(machine, machine.rules);
    pin(machine, digest);
    await machine.start();
    machines.push(machine);
  }
  return { hub, machines, rollouts: hub.services.rollouts };
}

/** The versions that were run, by machine. */
export const ran = (machines: readonly TestMachine[]) =>
  machines.map(({ runner }) => runner.started.map(({ scriptUrl }) => scriptUrl.split("@")[1]));

export const rings = [{ name: "canary", labels: ["canary"] }, { name: "all" }];
/** What is asked of a rollout: a script from one version to another, in both rings. */
export const of = (hub: TestHub, before: string | null = "1.0.0") => ({
  subject: { script: hub.fleet.script, version: "1.1.0", before, input: null },
  rings,
  gate: GATE,
});

/** Waits until a rollout stands so. */
export async function becomes(hub: TestHub, id: string, state: RolloutState): Promise<Rollout> {
  return await until(hub, async () => {
    const rollout = await hub.services.rollouts.get("acme", id);
    return rollout.state === state && rollout;
  });
}
