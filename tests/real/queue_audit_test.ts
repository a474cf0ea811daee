import assert from "node:assert/strict";
import { writ } from "../bench/program.ts";
import { pdf } from "../print/documents.ts";
import { QueueAgent } from "./queue_agent.ts";
import { RealPrinter } from "./real_printer.ts";
import { requireReal } from "./require_real.ts";

const real = requireReal(["ippeveprinter", "dbus-daemon"]);

/** What the audit log says of a job's new state. */
interface JobEvent {
  readonly script: string;
  readonly data: Record<"user" | "name" | "state" | "printer" | "queue", string> & {
    readonly pages: number;
  };
}

/** Runs a command of the program in the agent's folder. */
async function run(dir: string, ...args: readonly string[]) {
  const [command, all] = writ("-C", dir, ...args);
  const { code, stdout, stderr } = await new Deno.Command(command, { args: all }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test({
  name: "an order for a queue is followed to paper, and each state of its job is in the audit log",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, ["application/pdf"]);
    const settings = { queues: { office: { printer: printer.uri } } };
    await using agent = await QueueAgent.start({ printers: [printer.address], settings });
    await Deno.writeFile(`${agent.dir}/report.pdf`, await pdf(2).bytes());
    const input = JSON.stringify({ queue: "office", user: "ada", copies: 2 });
    const { code, stdout, stderr } = await run(
      ...[agent.dir, "order", "acme/print", "--input", input] as const,
      ...["--attach", "report.pdf", "--follow", "--json", "--agent", agent.url],
    );
    assert.equal(code, 0, stderr);
    const { outcome, result, logs } = JSON.parse(stdout);
    assert.equal(outcome, "ok");
    assert.deepEqual([result.queue, result.state, result.copies], ["office", "completed", 2]);
    const said = logs.filter(({ level }: { level: string }) => level === "progress")
      .map(({ text }: { text: string }) => text).join("\n");
    for (const state of ["waits in queue office", "is processing", "is completed"]) {
      assert.match(said, new RegExp(state));
    }
    const audit = await run(agent.dir, "audit", "tail", "--json", "--lines", "200");
    assert.equal(audit.code, 0, audit.stderr);
    const rows: { event: string; detail: JobEvent }[] = JSON.parse(audit.stdout).rows;
    const jobs = rows.filter(({ event }) => event === "script_event").map(({ detail }) => detail);
    const last = jobs.at(-1)!;
    assert.equal(last.script, "acme/print");
    const { user, name, state, pages, printer: target, queue } = last.data;
    assert.deepEqual({ user, name, state, queue, target }, {
      user: "ada",
      name: "report.pdf",
      state: "completed",
      queue: "office",
      target: printer.uri,
    });
    assert.ok(pages >= 2, `${pages} pages`);
    assert.deepEqual(jobs.map(({ data }) => data.state).slice(0, 2), ["pending", "processing"]);
  },
});
