/**
 * `deno task demo:virus-sigs [--lists] [--database FOLDER]`: four machines and one that has gone over,
 * all on loopback. One of them is given new virus signatures; the others get them from each other, and
 * no false ones.
 *
 * @module
 */
import { encodeBase64 } from "../../../core/base64.ts";
import { generateSigner } from "../../../core/key.ts";
import { processIo } from "../../terminal/process_io.ts";
import { Stage } from "../stage.ts";
import { SignatureOffice } from "./office.ts";
import { writePoisoner } from "./poisoner.ts";
import { databaseSignatures, isTestDatabase } from "./database_signatures.ts";
import { listSignatures } from "./list_signatures.ts";
import { ScannedMachines } from "./machines.ts";
import { clamdHere, findersOf, missingPrograms, newsBytes, type Signatures } from "./signatures.ts";

/** The first hands over to the second; the others are a mesh, in which one has gone over. */
const OFFICE = {
  first: ["second"],
  second: ["first", "third", "fourth"],
  third: ["second", "fourth", "poisoner"],
  fourth: ["second", "third", "poisoner"],
};
const MACHINES = Object.keys(OFFICE) as (keyof typeof OFFICE)[];
/** How long anything may take that is waited for. */
const PATIENCE_MS = 60_000;

/** What the one who plays it asks for. */
interface Wishes {
  /** No scanner, also where one is installed. */
  readonly lists: boolean;
  /** Where ClamAV's test database lies. */
  readonly database: string | undefined;
}

async function play(stage: Stage, { lists, database }: Wishes) {
  const started = performance.now();
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "writ-scanners-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.chmod(dir, 0o755);
  const admin = generateSigner();
  const sign = (text: string) => encodeBase64(admin.sign(new TextEncoder().encode(text)));
  const missing = lists ? ["as --lists was asked for"] : await missingPrograms();
  const machines = missing.length > 0
    ? undefined
    : new ScannedMachines(dir, await clamdHere(), stack);
  const signatures = database !== undefined && machines
    ? databaseSignatures(database, machines)
    : listSignatures(dir, machines, sign);
  introduce(stage, signatures, missing);

  const settings = { databases: ["test"], every: 2, listKeys: [admin.publicKey] };
  const script = await writePoisoner(`${dir}/poisoner`);
  const desks = await Promise.all(MACHINES.map(async (name) => {
    return { name, peers: OFFICE[name], scanner: await signatures.scanner(name) };
  }));
  const poisoner = { name: "poisoner", peers: ["third", "fourth"], script };
  const office = stack.use(await SignatureOffice.open([...desks, poisoner], settings));

  stage.scene("Old signatures");
  for (const machine of MACHINES) await signatures.start(machine);
  const before = await findersOf(signatures, MACHINES);
  const blind = before.length === 0;
  stage.check(blind, "EICAR's test file is found by nobody", before.join(", "));
  for (const machine of MACHINES) await order(office, machine, { do: "sync" });

  const banned = await poison(stage, office, signatures);
  const spread = await follow(stage, office, signatures);
  const ok = blind && banned.ok && spread.ok;
  const wallMs = Math.round(performance.now() - started);
  stage.plain(`\n${ok ? "Everything as promised" : "Something is not as promised"}, ${wallMs} ms.`);
  return { ok, real: missing.length === 0, missing, blind, banned, spread, wallMs };
}

function introduce(stage: Stage, { about }: Signatures, missing: readonly string[]): void {
  stage.plain(
    "Virus signatures from the machine next door: four agents and a poisoner on loopback.",
  );
  stage.plain(about);
  if (missing.length === 0) return stage.plain("Real clamscan and clamd, one for each machine.");
  stage.plain(
    `NO REAL SCANNER here (${missing.join(", ")}): the demo itself looks whether the list`,
  );
  stage.plain("that is in use names the test file.");
}

async function poison(stage: Stage, office: SignatureOffice, { poison }: Signatures) {
  stage.scene("Poison");
  const { version, document } = poison;
  await order(office, "poisoner", { version }, [document]);
  stage.say("poisoner", `offers ${document.name} ${version}, and swears that it is genuine`);
  const neighbours = ["third", "fourth"];
  for (const machine of neighbours) await order(office, machine, { do: "sync" });
  const { id } = office.get("poisoner").agent;
  const by: string[] = [];
  for (const machine of neighbours) {
    const { banned } = await office.status(machine);
    if (banned.some(({ peer }: { peer: string }) => peer === id)) by.push(machine);
  }
  const ok = by.length === neighbours.length;
  stage.check(ok, "whoever asked it found out, and bans it for a day", by.join(", "));
  const statuses = await Promise.all(MACHINES.map((machine) => office.status(machine)));
  const clean = statuses.every(({ databases }) =>
    databases.every((database: { version: number }) => database.version !== version)
  );
  stage.check(clean, "nobody keeps it or passes it on", "");
  return { ok: ok && clean, by };
}

async function follow(stage: Stage, office: SignatureOffice, signatures: Signatures) {
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

async function order(
  ...[office, ...rest]: [SignatureOffice, ...Parameters<SignatureOffice["order"]>]
) {
  const end = await office.order(...rest);
  if (end.outcome !== "ok") throw new Error(`${rest[0]}: ${JSON.stringify(end)}`);
}

const io = processIo();
const json = Deno.args.includes("--json");
const at = Deno.args.indexOf("--database");
const database = at < 0 ? undefined : Deno.args[at + 1] ?? "";
if (database !== undefined && !await isTestDatabase(database)) {
  io.stderr.write(
    `writ: error: Cannot play with "${database}" as ClamAV's test-6.cvd is not there\n`,
  );
  Deno.exit(2);
}
const wishes = { lists: Deno.args.includes("--lists"), database };
const report = await play(new Stage(io.stdout, json), wishes);
if (json) io.stdout.write(JSON.stringify(report) + "\n");
Deno.exit(report.ok ? 0 : 1);
