/**
 * `deno task gate --deno PATH [--only NAME]… [--no-bench] [--json]`: attacks and measures the
 * program on another Deno and on the one that runs this, and says what changed. Exit 0 when no
 * attack's outcome got weaker, 1 otherwise, 2 for wrong usage.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { print } from "../command_line.ts";
import { Binary } from "./binary.ts";
import { gate } from "./gate.ts";
import { gateTable } from "./gate_table.ts";

const { other, only, benches, json } = await options();
const started = performance.now();
const report = await gate(await Binary.open(Deno.execPath()), other, {
  attacks: only,
  benches,
  onStep: (what) => json || print(`${what} …`, Deno.stderr),
});
const seconds = Math.round((performance.now() - started) / 1000);
print(json ? JSON.stringify({ ...report, seconds }) : gateTable(report, seconds));
Deno.exit(report.faults.length > 0 ? 1 : 0);

async function options() {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        deno: { type: "string" },
        only: { type: "string", multiple: true, default: [] },
        "no-bench": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const { deno, only, json } = values;
    if (deno === undefined) throw new RangeError("name the other Deno with --deno PATH");
    return { only, json, benches: !values["no-bench"], other: await Binary.open(deno) };
  } catch (error) {
    print(`gate: error: ${(error as Error).message}`, Deno.stderr);
    Deno.exit(2);
  }
}
