/**
 * The demo: an author, an admin and an agent owner on one stage, in a folder that is gone
 * afterwards. `deno task demo`, or `deno task demo --json`.
 *
 * @module
 */

import { AuditReader, rulesFromFolder, sandboxRunner, startAgent } from "../../agent/mod.ts";
import { AgentClient } from "../reach/agent_client.ts";
import { processIo } from "../terminal/process_io.ts";
import { HOSTILE, REFUSED } from "./cases.ts";
import { IppPrinter } from "./ipp_printer.ts";
import type { Play } from "./play.ts";
import { playHostile } from "./scene_hostile.ts";
import { playPrint } from "./scene_print.ts";
import { playRefusals } from "./scene_refusals.ts";
import { Stage } from "./stage.ts";
import { Workshop } from "./workshop.ts";

async function playAll(stage: Stage) {
  const started = performance.now();
  await using printer = new IppPrinter();
  await using workshop = await Workshop.open(printer.address);
  stage.plain(`Writ, from a signature to paper. All of it happens in ${workshop.dir}`);
  stage.plain("and on 127.0.0.1, with keys made a moment ago, and is gone when this program ends.");
  const print = await workshop.publishPrint();
  await publishCases(workshop);

  await using agent = await startAgent({
    stateDir: workshop.state,
    rules: rulesFromFolder(workshop.policy, [workshop.state]),
    runner: sandboxRunner({ prewarm: 1 }),
  });
  const token = (await Deno.readTextFile(`${workshop.state}/operator.token`)).trim();
  const client = new AgentClient(agent.url, { token });
  const play: Play = { stage, workshop, agent, client, printer };

  const { envelope, ...printed } = await playPrint(play, print);
  const refusals = await playRefusals(play, envelope);
  const hostile = await playHostile(play);
  const audit = await playAudit(play);
  const ok = [printed, ...refusals, ...hostile, audit].every((shown) => shown.ok);
  const wallMs = Math.round(performance.now() - started);
  stage.plain(`\n${ok ? "Everything as promised" : "Something is not as promised"}, ${wallMs} ms.`);
  return { ok, print: printed, refusals, hostile, audit, wallMs };
}

/** Signed scripts for the second and third scene; all are accepted and granted but `unlisted`. */
async function publishCases(workshop: Workshop): Promise<void> {
  for (const demo of [...Object.values(REFUSED), ...Object.values(HOSTILE)]) {
    const manifest = await workshop.publish(
      demo,
      demo.name === "forged" ? "stranger" : "publisher",
    );
    if (demo.name === "tampered") await workshop.tamper(manifest);
    if (demo.name !== "unlisted") await workshop.accept(`acme/${demo.name}`);
    await workshop.grant(demo.name);
  }
}

async function playAudit({ stage, agent, workshop }: Play) {
  stage.scene("What is on the record");
  await agent.stop();
  using audit = AuditReader.open(workshop.state);
  const verdict = audit.verify();
  for (const { event, detail } of audit.tail(3)) stage.more(`${event} ${detail}`.slice(0, 100));
  const words = `${verdict.rows} rows, each with the hash of the one before, the last one signed`;
  stage.check(verdict.ok, "the audit log is whole", words);
  return verdict;
}

const io = processIo();
const json = Deno.args.includes("--json");
const report = await playAll(new Stage(io.stdout, json));
if (json) io.stdout.write(JSON.stringify(report) + "\n");
Deno.exit(report.ok ? 0 : 1);
