import { type NetworkMachine, reaches } from "../network/machines.ts";
import type { Stage } from "../stage.ts";
import type { Places } from "./network.ts";
import type { SignatureOffice } from "./office.ts";
import { PORT } from "./process_agent.ts";
import { findersOf, newsBytes, type Signatures } from "./signatures.ts";

/** The first hands over to the second; the others are a mesh, in which one has gone over. */
export const OFFICE = {
  first: ["second"],
  second: ["first", "third", "fourth"],
  third: ["second", "fourth", "poisoner"],
  fourth: ["second", "third", "poisoner"],
};
export const MACHINES = Object.keys(OFFICE) as (keyof typeof OFFICE)[];
/** How long anything may take that is waited for. */
const PATIENCE_MS = 60_000;

/** Whether the first has a way to the second alone; nothing where all share one network. */
export async function chain(stage: Stage, { machines }: Places): Promise<boolean | undefined> {
  const { first, ...others } = machines;
  if (!first) return undefined;
  stage.scene("A chain, and a mesh behind it");
  const reachedFrom = async (machine: NetworkMachine) => {
    const names: string[] = [];
    for (const [name, other] of Object.entries(others)) {
      if (await reaches(machine, other!.address, PORT)) names.push(name);
    }
    return names;
  };
  const reached = await reachedFrom(first);
  const listening = await reachedFrom(others.second!);
  const chained = reached.join() === "second" && listening.length === Object.keys(others).length;
  stage.check(chained, "the first machine has a way to the second alone", reached.join(", "));
  return chained;
}

/** Who asks the poisoner bans it, and nobody keeps what it gives. */
export async function poison(stage: Stage, office: SignatureOffice, { poison }: Signatures) {
  stage.scene("Poison");
  const { version, document } = poison;
  await order(office, "poisoner", { version }, [document]);
  stage.say("poisoner", `offers ${document.name} ${version}, and swears that it is genuine`);
  const neighbours = ["third", "fourth"];
  await Promise.all(neighbours.map((machine) => order(office, machine, { do: "sync" })));
  const { id } = office.get("poisoner");
  const statuses = await Promise.all(MACHINES.map((machine) => office.status(machine)));
  const by = MACHINES.filter((_, i) => statuses[i]!.banned.some(({ peer }) => peer === id));
  const ok = by.length === neighbours.length;
  stage.check(ok, "whoever asked it found out, and bans it for a day", by.join(", "));
  const clean = statuses.every(({ databases }) =>
    databases.every((database: { version: number }) => database.version !== version)
  );
  stage.check(clean, "nobody keeps it or passes it on", "");
  return { ok: ok && clean, by };
}

/** The first is given the news; how long each machine takes to find by them. */
export async function follow(stage: Stage, office: SignatureOffice, signatures: Signatures) {
  stage.scene("New signatures on one machine");
  const sentBefore = await office.sentBytes("first");
  const start = performance.now();
  await order(office, "first", signatures.news.input, signatures.news.documents);
  const names = signatures.news.documents.map(({ name }) => name);
  stage.say("first", `is given ${names.join(", ")}`);
  const seconds: Record<string, number> = {};
  const end = start + PATIENCE_MS;
  while (performance.now() < end && Object.keys(seconds).length < MACHINES.length) {
    for (const machine of await findersOf(signatures, MACHINES)) {
      seconds[machine] ??= Math.round(performance.now() - start) / 1000;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const machine of MACHINES) {
    const at = seconds[machine];
    const words = at === undefined ? "not at all" : `after ${at.toFixed(1)} s`;
    stage.check(at !== undefined, `EICAR's test file is found by ${machine}`, words);
  }
  const sent = await office.sentBytes("first") - sentBefore;
  const times = sent / newsBytes(signatures);
  const once = times >= 0.99 && times <= 1.3;
  stage.check(
    once,
    "the first machine gave the files away about once",
    `${times.toFixed(2)} times`,
  );
  return { ok: once && Object.keys(seconds).length === MACHINES.length, seconds, times };
}

/** Orders what must end well. */
export async function order(
  ...[office, ...rest]: [SignatureOffice, ...Parameters<SignatureOffice["order"]>]
) {
  const end = await office.order(...rest);
  if (end.outcome !== "ok") throw new Error(`${rest[0]}: ${JSON.stringify(end)}`);
}
