import assert from "node:assert/strict";
import { pdf } from "../print/documents.ts";
import { PrintFleet } from "./print_fleet.ts";
import { RealPrinter } from "./real_printer.ts";
import { requireReal } from "./require_real.ts";
import { Service } from "./service.ts";
import { runTask, taskCommand } from "./task_command.ts";

const real = requireReal(["ippeveprinter", "dbus-daemon"]);

Deno.test({
  name: "writ order --attach --follow prints by a writ agent, both with the rights of their tasks",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, ["application/pdf"]);
    await using fleet = await PrintFleet.make(printer.address);
    const document = await pdf(2).bytes();
    await Deno.writeFile(`${fleet.dir}/report.pdf`, document);
    const { service } = await Service.start(Deno.execPath(), {
      args: taskCommand("agent", fleet.dir, []),
      env: Deno.env.toObject(),
      ready: /^writ agent ready at http:\S+/m,
    });
    await using _agent = service;

    const input = { printer: printer.uri, copies: 3, sides: "two-sided-long-edge" };
    const ordered = await runTask("writ", fleet.dir, [
      "order",
      "acme/print",
      "--input",
      JSON.stringify(input),
      "--attach",
      "report.pdf",
      "--follow",
      "--json",
    ]);
    assert.equal(ordered.code, 0, ordered.stderr);
    const { run, order, outcome, result, detail, cpuMs, wallMs, peakBytes, level, logs, ...rest } =
      JSON.parse(ordered.stdout);
    assert.deepEqual({ run, outcome, detail, rest }, {
      run: 1,
      outcome: "ok",
      detail: null,
      // The script lives on for its queues: figures of its cell are of all that it does.
      rest: { shared: true },
    });
    assert.match(order, /^[\da-f-]{36}$/);
    assert.deepEqual(result, {
      jobId: 1,
      state: "completed",
      reasons: ["job-completed-successfully"],
      pages: 2,
      copies: 3,
      printer: printer.uri,
    });
    for (const figure of [cpuMs, wallMs, peakBytes, level]) assert.ok(figure >= 0);
    assert.ok(logs.some(({ level }: { level: string }) => level === "progress"));
    const received = (await printer.received(1))!;
    assert.deepEqual(received.bytes, document);
    assert.deepEqual([received.copies, received.sides], ["3", "two-sided-long-edge"]);
    assert.match(received.jobName, /^report\.pdf [0-9a-f-]{36}$/);

    const refused = await runTask("writ", fleet.dir, [
      "order",
      "acme/print",
      "--input",
      JSON.stringify({ ...input, sides: "three-sided" }),
      "--attach",
      "report.pdf",
      "--follow",
      "--json",
    ]);
    assert.equal(refused.code, 2, "the input does not fit what the script asks for");
    assert.equal(JSON.parse(refused.stdout).error.code, "usage");
    assert.equal(await printer.received(2), undefined);
  },
});
