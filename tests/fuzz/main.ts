/**
 * `deno task fuzz [--seconds N] [--only NAME]… [--seed S] [--path P] [--json]`: feeds everything
 * that reads what strangers wrote. A failure is printed with what finds it again. Exit 0 when there
 * is none, 1 otherwise, 2 for wrong usage.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { print } from "../command_line.ts";
import { runApart } from "./run_apart.ts";
import type { FuzzReport } from "./run_target.ts";
import { TARGETS, targetsNamed } from "./targets.ts";

const { seconds, seed, targets, path, json } = options();
const width = Math.max(...TARGETS.map(({ name }) => name.length));
if (!json) print(row("target", "inputs", "seconds", ""));
const started = performance.now();
const reports: FuzzReport[] = [];
for (const target of targets) {
  const report = await runApart(target, { seconds, seed, ...(path === undefined ? {} : { path }) });
  reports.push(report);
  print(json ? JSON.stringify(report) : lines(report));
}
const failures = reports.filter(({ failure }) => failure).length;
if (!json) {
  const inputs = reports.reduce((sum, report) => sum + report.inputs, 0).toLocaleString("en");
  const took = Math.round((performance.now() - started) / 1000);
  print(
    `\n${reports.length} targets, ${inputs} inputs, ${failures} failures, ${took} s, seed ${seed}`,
  );
}
Deno.exit(failures > 0 ? 1 : 0);

function options() {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        seconds: { type: "string", default: "10" },
        only: { type: "string", multiple: true, default: [] },
        seed: { type: "string" },
        path: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const targets = targetsNamed(values.only);
    if (values.path !== undefined && targets.length !== 1) {
      throw new RangeError("--path is of one target: name it with --only");
    }
    return {
      ...values,
      targets,
      seconds: numberFrom("--seconds", values.seconds),
      seed: values.seed === undefined ? Date.now() % 2 ** 31 : numberFrom("--seed", values.seed),
    };
  } catch (error) {
    print(`fuzz: error: ${(error as Error).message}`, Deno.stderr);
    Deno.exit(2);
  }
}

function numberFrom(name: string, text: string): number {
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new RangeError(`${name} is not a whole number: ${text}`);
}

function lines({ name, inputs, seconds, seed, failure }: FuzzReport): string {
  const head = row(name, inputs.toLocaleString("en"), String(seconds), failure ? "FAILS" : "holds");
  if (!failure) return head;
  const again = `deno task fuzz --only ${name} --seed ${seed}` +
    (failure.path === "" ? "" : ` --path ${failure.path}`);
  const details = [failure.error, `input: ${failure.input}`, `again: ${again}`].join("\n");
  return `${head}\n${details.replace(/^/gm, "  ")}`;
}

function row(name: string, inputs: string, seconds: string, result: string): string {
  return [name.padEnd(width), inputs.padStart(9), seconds.padStart(7), result].join("  ").trimEnd();
}
