import assert from "node:assert/strict";
import { OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import type { Row } from "../../scripts/print/ipp/values.ts";
import { jpeg, pdf } from "../print/documents.ts";
import { ippRequest, post } from "../print/queue_client.ts";
import { TestPrinter } from "../print/test_printer.ts";
import { killRounds } from "./kill_rounds.ts";
import { QueueAgent } from "./queue_agent.ts";
import { RealCups } from "./real_cups.ts";
import { RealPrinter } from "./real_printer.ts";
import { requireReal } from "./require_real.ts";

const SUITES = "/usr/share/cups/ipptool";
// deno-fmt-ignore
const FORMATS = ["application/pdf", "application/postscript", "image/jpeg", "image/pwg-raster"];
const real = requireReal(["ippeveprinter", "dbus-daemon", "ipptool"]);
const cups = requireReal(["ippeveprinter", "dbus-daemon", "cupsd", "lpadmin", "lp", "ipptool"]);

/** What CUPS's suites find of a printer: how many tests pass and fail, and which are left out. */
async function suites(ipptool: string, uri: string) {
  const directory = await Deno.makeTempDir({ prefix: "writ-ipptool-" });
  try {
    // The second suite includes the first.
    const names = ["ipp-1.1.test", "ipp-2.0.test"];
    for (const name of names) await Deno.copyFile(`${SUITES}/${name}`, `${directory}/${name}`);
    // They print documents that Debian does not ship: ours stand in for them.
    const text = await Deno.readTextFile(`${directory}/${names[0]}`);
    for (const [, name] of text.matchAll(/^\s*FILE ([\w.-]+)$/gm)) {
      const document = name!.endsWith(".jpg") ? jpeg() : pdf();
      await Deno.writeFile(`${directory}/${name}`, await document.bytes());
    }
    await Deno.writeFile(`${directory}/report.pdf`, await pdf().bytes());
    const { stdout } = await new Deno.Command(ipptool, {
      args: ["-tIf", "report.pdf", "-d", "filetype=application/pdf", uri, names[1]!],
      cwd: directory,
      clearEnv: true,
      signal: AbortSignal.timeout(120_000),
    }).output();
    const report = new TextDecoder().decode(stdout);
    const count = (word: string) => report.split(`[${word}]`).length - 1;
    const skipped = [...report.matchAll(/^ *(.+?) *\[SKIP\]/gm)].map(([, name]) => name!);
    return { report, pass: count("PASS"), fail: count("FAIL"), skipped };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test({
  name: "a queue passes CUPS's suites for IPP/1.1 and 2.0, and leaves out what cupsd does",
  ignore: !real || !cups,
  async fn() {
    await using printer = await RealPrinter.start(real!, FORMATS);
    const settings = { queues: { office: { printer: printer.uri } } };
    await using agent = await QueueAgent.start({ printers: [printer.address], settings });
    const ours = await suites(real!.ipptool, agent.uri);
    assert.equal(ours.fail, 0, ours.report + agent.output.join(""));
    assert.ok(ours.pass >= 30, ours.report);
    await using other = await RealPrinter.start(real!, FORMATS);
    await using server = await RealCups.start(cups!);
    await server.add("Eve", other.uri);
    const theirs = await suites(real!.ipptool, `ipp://${server.server}/printers/Eve`);
    assert.deepEqual(ours.skipped, theirs.skipped);
  },
});

Deno.test({
  name: "lp prints through CUPS and a queue to a real printer, as it was asked to",
  ignore: !cups,
  async fn() {
    await using printer = await RealPrinter.start(cups!, FORMATS);
    const settings = { queues: { office: { printer: printer.uri } } };
    await using agent = await QueueAgent.start({ printers: [printer.address], settings });
    await using server = await RealCups.start(cups!);
    await server.add("Office", agent.uri);
    const file = `${agent.dir}/report.pdf`;
    await Deno.writeFile(file, await pdf(2).bytes());
    await server.print("Office", file, ["-n", "3", "-o", "sides=two-sided-long-edge"]);
    const job = await received(printer, 1);
    assert.equal(job.copies, "3");
    assert.equal(job.sides, "two-sided-long-edge");
    assert.match(job.jobName, /^report\.pdf [0-9a-f-]{36}$/);
  },
});

Deno.test({
  name: "a queue of another agent prints on its real printer",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, FORMATS);
    const settings = { queues: { office: { printer: printer.uri } } };
    await using owner = await QueueAgent.start({ printers: [printer.address], settings });
    const { url, id } = owner;
    await using near = await QueueAgent.start({
      printers: [],
      settings: { queues: { far: { agent: "owner", queue: "office" } } },
      peers: [{ name: "owner", url, id }],
    });
    await owner.allow(await near.publicKey());
    await printPdf(near.uri, "far away");
    const job = await received(printer, 1);
    assert.deepEqual(job.bytes, await pdf().bytes());
    assert.match(job.jobName, /^far away [0-9a-f-]{36}$/);
  },
});

Deno.test({
  name: "an agent with long documents behind a printer that holds stops at once, and loses none",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, FORMATS);
    const settings = { queues: { office: { printer: printer.uri } } };
    await using agent = await QueueAgent.start({ printers: [printer.address], settings });
    await printer.hold();
    const names = ["a", "b", "c"];
    for (const name of names) await printPdf(agent.uri, name, 10_000_000);
    const tookMs = await agent.stop();
    assert.ok(tookMs < 10_000, `it took ${Math.round(tookMs)} ms\n${agent.output.join("")}`);
    await agent.begin();
    await printer.release();
    await received(printer, names.length);
    const paper = await printer.paper();
    assert.deepEqual(paper.map(({ jobName }) => jobName.split(" ")[0]), names);
    assert.ok(paper.every(({ bytes }) => bytes.length > 10_000_000));
  },
});

/** Print-Job, of a PDF, with zeros after it. */
async function printPdf(uri: string, name: string, padding = 0): Promise<void> {
  const rows: Row[] = [
    ["job-name", TAG.name, name],
    ["document-format", TAG.mime, "application/pdf"],
  ];
  const document = await pdf().bytes() as Uint8Array<ArrayBuffer>;
  const url = uri.replace("ipp:", "http:");
  const request = ippRequest(OPERATION.printJob, rows, { uri });
  const { code } = await post(url, request, document, new Uint8Array(padding));
  assert.equal(code, STATUS.ok);
}

/** The printer's job, once it is there. */
async function received(printer: RealPrinter, id: number) {
  for (const until = Date.now() + 30_000; Date.now() < until;) {
    const job = await printer.received(id).catch(() => undefined);
    if (job) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the printer got no job ${id}`);
}

Deno.test("kill -9 at random moments loses no job, doubles none, and keeps their sequence", async () => {
  await using printer = new TestPrinter();
  const settings = { queues: { office: { printer: printer.uri } } };
  const address = new URL(printer.uri.replace("ipp:", "http:")).host;
  await using agent = await QueueAgent.start({ printers: [address], settings });
  const { accepted, lost, doubled, reordered, reusedIds, stuck, left } = await killRounds(
    agent,
    printer,
    3,
  );
  assert.ok(accepted > 0);
  const wrong = { lost, doubled, reordered, reusedIds, stuck };
  const none = { lost: 0, doubled: 0, reordered: 0, reusedIds: 0, stuck: 0 };
  assert.deepEqual(wrong, none, left.join("\n"));
});
