/**
 * `deno task demo:virus-sigs [--lists] [--database FOLDER] [--loopback]`: four machines and one that
 * has gone over, each with a network of its own where that is allowed. One of them is given new virus
 * signatures; the others get them from each other, and no false ones.
 *
 * @module
 */
import { encodeBase64 } from "../../../core/base64.ts";
import { generateSigner } from "../../../core/key.ts";
import { within } from "../../../core/wait.ts";
import { processIo } from "../../terminal/process_io.ts";
import { awaitStop } from "../../terminal/stop_signals.ts";
import { Stage } from "../stage.ts";
import { SignatureOffice } from "./office.ts";
import { writePoisoner } from "./poisoner.ts";
import { databaseSignatures, isTestDatabase } from "./database_signatures.ts";
import { listSignatures } from "./list_signatures.ts";
import { ScannedMachines } from "./machines.ts";
import { type Places, placesOf } from "./network.ts";
import { chain, follow, MACHINES, OFFICE, order, poison } from "./scenes.ts";
import { clamdHere, findersOf, missingPrograms, type Signatures } from "./signatures.ts";

/** How long a demo that is told to stop may go on once its agents have ended. */
const STOPPED_MS = 5_000;

/** What the one who plays it asks for. */
interface Wishes {
  /** No scanner, also where one is installed. */
  readonly lists: boolean;
  /** Where ClamAV's test database lies. */
  readonly database: string | undefined;
  /** One network for all, also where each could have its own. */
  readonly loopback: boolean;
}

/**
 * @param dir Everything of the demo's but keys lies there.
 * @param stack Ends and removes whatever else the demo makes.
 */
async function play(
  stage: Stage,
  { lists, database, loopback }: Wishes,
  dir: string,
  stack: AsyncDisposableStack,
) {
  const started = performance.now();
  await Deno.chmod(dir, 0o755);
  const admin = generateSigner();
  const sign = (text: string) => encodeBase64(admin.sign(new TextEncoder().encode(text)));
  const missing = lists ? ["as --lists was asked for"] : await missingPrograms();
  const places = await placesOf(loopback, stack);
  const machines = missing.length > 0
    ? undefined
    : new ScannedMachines(dir, await clamdHere(), places.machines, stack);
  const signatures = database !== undefined && machines
    ? databaseSignatures(database, machines)
    : listSignatures(dir, machines, sign);
  introduce(stage, signatures, missing, places);

  const settings = { databases: ["test"], every: 2, listKeys: [admin.publicKey] };
  const script = await writePoisoner(`${dir}/script`);
  const desk = (name: string) => ({ name, dir: `${dir}/${name}`, machine: places.machines[name] });
  const desks = await Promise.all(MACHINES.map(async (name) => {
    return { ...desk(name), peers: OFFICE[name], scanner: await signatures.scanner(name) };
  }));
  const poisoner = { ...desk("poisoner"), peers: ["third", "fourth"], script };
  requireGoing(stack);
  const opening = SignatureOffice.open([...desks, poisoner], settings);
  // Also of one that is being opened: it has keys.
  stack.defer(async () => {
    await (await opening.catch(() => undefined))?.[Symbol.asyncDispose]();
  });
  const office = await opening;
  requireGoing(stack);
  const chained = await chain(stage, places);

  stage.scene("Old signatures");
  await Promise.all(MACHINES.map((machine) => signatures.start(machine)));
  const before = await findersOf(signatures, MACHINES);
  const blind = before.length === 0;
  stage.check(blind, "EICAR's test file is found by nobody", before.join(", "));
  await Promise.all(MACHINES.map((machine) => order(office, machine, { do: "sync" })));

  const banned = await poison(stage, office, signatures);
  const spread = await follow(stage, office, signatures);
  const ok = chained !== false && blind && banned.ok && spread.ok;
  const wallMs = Math.round(performance.now() - started);
  stage.plain(`\n${ok ? "Everything as promised" : "Something is not as promised"}, ${wallMs} ms.`);
  const real = missing.length === 0;
  const { whyShared = null } = places;
  return { ok, real, missing, whyShared, chained, blind, banned, spread, wallMs };
}

/** @throws {Error} when it was told to stop: nobody would end what is begun now */
function requireGoing({ disposed }: AsyncDisposableStack): void {
  if (disposed) throw new Error("the demo was told to stop");
}

function introduce(
  stage: Stage,
  { about }: Signatures,
  missing: readonly string[],
  { whyShared }: Places,
): void {
  stage.plain("Virus signatures from the machine next door: four agents and a poisoner.");
  stage.plain(
    whyShared === undefined
      ? "Network namespaces: each agent is a process with a network of its own."
      : `Network namespaces: not allowed here (${whyShared}); agents share loopback.`,
  );
  stage.plain(about);
  if (missing.length === 0) return stage.plain("Real clamscan and clamd, one for each machine.");
  stage.plain(
    `NO REAL SCANNER here (${missing.join(", ")}): the demo itself looks whether the list`,
  );
  stage.plain("that is in use names the test file.");
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
const wishes = {
  lists: Deno.args.includes("--lists"),
  loopback: Deno.args.includes("--loopback"),
  database,
};
Deno.exit(await endsWith());

/** Plays it, and leaves nothing behind, also when it is told to stop; the exit code. */
async function endsWith(): Promise<number> {
  using stop = awaitStop(io);
  const dir = Deno.makeTempDirSync({ prefix: "writ-scanners-" });
  await using folder = new AsyncDisposableStack();
  folder.defer(() => Deno.remove(dir, { recursive: true }));
  await using stack = new AsyncDisposableStack();
  const played = play(new Stage(io.stdout, json), wishes, dir, stack);
  const report = await Promise.race([played, stop.asked]);
  if (!report) {
    await stack.disposeAsync();
    // What it was about fails now, as its agents have ended.
    await within(STOPPED_MS, played).catch(() => {});
    return 130;
  }
  if (json) io.stdout.write(JSON.stringify(report) + "\n");
  return report.ok ? 0 : 1;
}
