/**
 * `deno task demo:print`: lp → CUPS → agent → agent → ippeveprinter, all real and on loopback, with
 * both agents killed in the middle; then the paper is counted.
 *
 * @module
 */
import { Stage } from "../../runtime/cli/demo/stage.ts";
import { processIo } from "../../runtime/cli/terminal/process_io.ts";
import { pdf } from "../print/documents.ts";
import { QueueAgent } from "./queue_agent.ts";
import { RealCups } from "./real_cups.ts";
import { RealPrinter } from "./real_printer.ts";
import { requireReal } from "./require_real.ts";

/** Jobs that are printed, and how long the paper may take. */
const JOBS = 6, PATIENCE_MS = 90_000;
const PROGRAMS = ["ippeveprinter", "dbus-daemon", "cupsd", "lpadmin", "lp"] as const;

async function play(stage: Stage, real: NonNullable<ReturnType<typeof programs>>) {
  stage.plain("lp → CUPS → an agent → another agent → ippeveprinter, all on this machine.");
  await using printer = await RealPrinter.start(real, ["application/pdf", "image/pwg-raster"]);
  await using owner = await QueueAgent.start({
    printers: [printer.address],
    settings: { queues: { office: { printer: printer.uri, info: "Second floor" } } },
  });
  const { url, id } = owner;
  await using near = await QueueAgent.start({
    printers: [],
    settings: { queues: { office: { agent: "owner", queue: "office" } } },
    peers: [{ name: "owner", url, id }],
  });
  await owner.allow(await near.publicKey());
  await using cups = await RealCups.start(real);

  stage.scene("CUPS takes the agent for a printer");
  await cups.add("Office", near.uri);
  stage.say("lpadmin", `-p Office -v ${near.uri} -m everywhere`);

  stage.scene(`lp prints ${JOBS} documents, two copies of each, on both sides`);
  await printer.hold();
  const file = `${near.dir}/report.pdf`;
  await Deno.writeFile(file, await pdf(2).bytes());
  for (let i = 1; i <= JOBS; i++) {
    const options = ["-n", "2", "-o", "sides=two-sided-long-edge", "-t", `document ${i}`];
    stage.say("lp", `${options.join(" ")}: ${await cups.print("Office", file, options)}`);
  }

  stage.scene("The plug is pulled");
  await until(async () => (await printer.paper()).length > 0);
  stage.say("printing", "the first document is on its way to paper");
  await Promise.all([owner.kill(), near.kill()]);
  stage.say("kill -9", "both agents are gone");
  await printer.release();
  await Promise.all([owner.begin(), near.begin()]);
  stage.say("again", "both agents are back");

  stage.scene("The paper");
  await until(async () => new Set((await printer.paper()).map(nameOf)).size >= JOBS);
  // Whatever would come twice comes now.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const paper = await printer.paper();
  const names = paper.map(nameOf);
  const wanted = Array.from({ length: JOBS }, (_, i) => `document ${i + 1}`);
  const told = [
    check(stage, wanted.every((name) => names.includes(name)), "nothing is lost", names.join(", ")),
    check(
      stage,
      new Set(names).size === names.length,
      "nothing is doubled",
      `${names.length} jobs`,
    ),
    check(stage, String(names) === String(wanted), "nothing is out of sequence", ""),
    check(
      stage,
      paper.every(({ copies, sides }) => copies === "2" && sides === "two-sided-long-edge"),
      "each has its copies and both sides",
      "",
    ),
  ];
  return told.every((good) => good);
}

function check(stage: Stage, good: boolean, what: string, text: string): boolean {
  stage.check(good, what, text);
  return good;
}

function nameOf({ jobName }: { jobName: string }): string {
  return jobName.replace(/ [0-9a-f-]{36}$/, "");
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function programs() {
  return requireReal(PROGRAMS);
}

const { stdout, stderr } = processIo();
const real = programs();
if (real) Deno.exitCode = await play(new Stage(stdout, false), real) ? 0 : 1;
else {
  stderr.write("This demo needs real counterparts. On Debian, as root:\n");
  stderr.write("  apt-get install cups cups-client cups-ipp-utils dbus\n");
  Deno.exitCode = 1;
}
