/**
 * `deno task test:hostile [--json] [--level-2] [NAME…]`: runs the attacks and says how each ended.
 * With `--json`, one object a line for each case; with `--level-2`, against cells of that level. Exit 0 when all hold, 1 otherwise, 2 for wrong usage.
 *
 * @module
 */
import { print } from "../command_line.ts";
import { loadCorpus } from "./corpus.ts";
import { type CaseReport, runCase } from "./runner.ts";
import { Stage } from "./stage.ts";

const json = Deno.args.includes("--json");
const level = Deno.args.includes("--level-2") ? 2 : 1;
const names = Deno.args.filter((arg) => arg !== "--json" && arg !== "--level-2");
const corpus = await loadCorpus(names).catch((error: RangeError) => {
  print(`test:hostile: error: ${error.message}`, Deno.stderr);
  Deno.exit(2);
});

const width = Math.max(...corpus.map(({ name }) => name.length));
if (!json) print(row("attack", "outcome", "unprotected", "canaries", "healthz"));
const started = performance.now();
const reports: CaseReport[] = [];
{
  await using stage = await Stage.open(level);
  for (const attack of corpus) {
    const report = await runCase(attack, stage);
    reports.push(report);
    print(json ? JSON.stringify(report) : lines(report));
  }
}
const failed = reports.filter(({ faults }) => faults.length > 0);
if (!json) {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  print(`\n${reports.length} attacks, ${failed.length} not as they must be, ${seconds} s`);
}
Deno.exit(failed.length > 0 ? 1 : 0);

function lines(
  { name, outcome, detail, succeededUnprotected, canaryHits, healthzMs, faults }: CaseReport,
) {
  const unprotected = succeededUnprotected ? "succeeds" : "FAILS";
  const hits = canaryHits === 0 ? "none" : String(canaryHits);
  return [
    row(name, `${outcome}${short(detail)}`, unprotected, hits, `${healthzMs} ms`),
    ...faults.map((fault) => `  ✗ ${fault}`),
  ].join("\n");
}

/** The one word of a detail that tells outcomes of a kind apart. */
function short(detail: unknown): string {
  const parts = (detail ?? {}) as Record<string, unknown>;
  const word = parts.permission ?? parts.reason ?? parts.kind ?? parts.signal ?? parts.code;
  return word === undefined ? "" : ` ${word}`;
}

function row(name: string, outcome: string, unprotected: string, hits: string, healthz: string) {
  return [name.padEnd(width), outcome.padEnd(20), unprotected.padEnd(11), hits.padEnd(8), healthz]
    .join("  ");
}
