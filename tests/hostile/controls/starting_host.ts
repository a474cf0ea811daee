// Starts cells whose script never ends, as fast as it can, until it is killed. Prints a line once
// the first is being started.
import { calibrate } from "../../../runtime/sandbox/calibrate.ts";
import { DEFAULT_LIMITS } from "../../../runtime/core/documents/grant.ts";
import { Cell } from "../../../runtime/sandbox/cell.ts";
import { LoadedScript } from "../../../runtime/sandbox/loaded_script.ts";
import { detectHost, NO_RIGHTS } from "../../../runtime/sandbox/mod.ts";
import { spawnVector } from "../../../runtime/sandbox/spawn_vector.ts";

const CELLS = 4;
/** In whole MiB, which is how a cell's command line says it: the cells of this host are found by it. */
const memoryBytes = Number(Deno.args[0]) * 2 ** 20;

const host = await detectHost();
const grant = { rights: NO_RIGHTS, limits: { ...DEFAULT_LIMITS, memoryBytes } };
const vector = spawnVector(host, grant, await calibrate(host), true);
Deno.stdout.writeSync(new TextEncoder().encode("starting\n"));
for (let i = 0; i < CELLS; i++) {
  const script = new LoadedScript(new Cell(vector), grant, host.level, {
    javascript: "export default { run() { for (;;); } };",
    scriptUrl: "script://hostile/endless@1.0.0",
  });
  script.call({ input: null });
}
await new Promise(() => {});
