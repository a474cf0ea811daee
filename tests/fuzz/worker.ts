// Fuzzes one target in a process of its own: name, seconds, seed, path or "", file for the input
// under way. Prints its report as a line of JSON.
import fc from "fast-check";
import { runTarget } from "./run_target.ts";
import { targetsNamed } from "./targets.ts";

const [name, seconds, seed, path, inputFile] = Deno.args as [
  string,
  string,
  string,
  string,
  string,
];
const [target] = targetsNamed([name]);
const file = Deno.openSync(inputFile, { write: true, create: true });
const encoder = new TextEncoder();
const report = await runTarget(target!, {
  seconds: Number(seconds),
  seed: Number(seed),
  ...(path === "" ? {} : { path }),
  onInput(input) {
    file.seekSync(0, Deno.SeekMode.Start);
    file.truncateSync();
    file.writeSync(encoder.encode(fc.stringify(input)));
  },
});
Deno.stdout.writeSync(encoder.encode(JSON.stringify(report) + "\n"));
