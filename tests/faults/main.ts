/**
 * `deno task faults [--rounds N] [--seed S] [--slow N] [--json]`: kills a real agent at random
 * moments under load, and counts what was lost, doubled, given out twice, overtaken or left behind;
 * then says what clients cost that never end their request. Exit 0 when nothing was lost and the
 * like, 1 otherwise, 2 for wrong usage.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { print } from "../command_line.ts";
import { type KillReport, killRounds } from "./kill/kill_rounds.ts";
import { slowClients, type SlowReport } from "./slow_clients.ts";

const { rounds, seed, slow, json } = options();
const report = await killRounds({
  rounds,
  seed,
  onRound: (round, given) => {
    if (!json && round % 10 === 0) print(`round ${round} of ${rounds}, ${given} orders so far`);
  },
});
const clients = slow === 0 ? undefined : await slowClients(slow);
print(json ? JSON.stringify({ ...report, clients }) : summary(report) + costOf(clients));
Deno.exit(report.faults.length > 0 ? 1 : 0);

function summary(report: KillReport): string {
  const { given, acknowledged, unheard, outcomes, repeats, auditRows, faults } = report;
  const list = Object.entries(outcomes).map(([what, n]) => `${what} ${n}`).join(", ");
  return [
    "",
    `kills        ${report.rounds}, ${report.beforeReady} of them before the agent was ready`,
    `orders       ${given} given, ${acknowledged} acknowledged, ${unheard} answers never heard`,
    `outcomes     ${list}; ${repeats} attempts after the first`,
    `lost         ${report.lost}`,
    `doubled      ${report.doubled}`,
    `reused ids   ${report.reused}`,
    `overtaken    ${report.overtaken}`,
    `orphans      ${report.orphans}`,
    `audit        ${auditRows} rows`,
    ...faults.slice(0, 20).map((fault) => `✗ ${fault}`),
    "",
    `${report.rounds} kills, ${faults.length} faults, ${report.seconds.toFixed(0)} s, ` +
    `seed ${report.seed}`,
  ].join("\n");
}

function costOf(report: SlowReport | undefined): string {
  if (!report) return "";
  const { clients, rssBefore, rssWith, answerMs, idleCpuMs } = report;
  const [before, after] = [rssBefore, rssWith].map((bytes) => (bytes / 1e6).toFixed(0));
  return `\n${clients} half-sent requests: ${before} MB resident before, ${after} MB with them, ` +
    `others answered in ${answerMs.toFixed(1)} ms, ${idleCpuMs} ms of processor time a second`;
}

function options() {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        rounds: { type: "string", default: "200" },
        seed: { type: "string", default: String(Date.now() % 1_000_000) },
        slow: { type: "string", default: "10000" },
        json: { type: "boolean", default: false },
      },
    });
    return {
      json: values.json,
      rounds: countFrom("--rounds", values.rounds),
      seed: countFrom("--seed", values.seed),
      slow: countFrom("--slow", values.slow),
    };
  } catch (error) {
    print(`faults: error: ${(error as Error).message}`, Deno.stderr);
    Deno.exit(2);
  }
}

function countFrom(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RangeError(`${name} is not a count: ${text}`);
}
