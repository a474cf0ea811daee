// Holds one cell of each kind and waits for its end. Prints their pids as a line of JSON once all
// are in their state. The arguments: "unbound", for cells that are not bound to the life of their
// parent, or "bound"; and the highest isolation level.
import { DEFAULT_LIMITS } from "../../../runtime/core/documents/grant.ts";
import { calibrate } from "../../../runtime/sandbox/calibrate.ts";
import { Cell } from "../../../runtime/sandbox/cell.ts";
import { LoadedScript } from "../../../runtime/sandbox/loaded_script.ts";
import { detectHost, NO_RIGHTS } from "../../../runtime/sandbox/mod.ts";
import { spawnVector } from "../../../runtime/sandbox/spawn_vector.ts";
import { descendantsOf, figuresOf } from "../proc.ts";

const SCRIPTS = {
  idle: "await new Promise(() => {});",
  spinning: "for (;;);",
  stopped: 'process.kill(process.pid, "SIGSTOP"); await new Promise(() => {});',
};

const [mode, highest] = Deno.args;
const host = await detectHost({ highest: highest === "2" ? 2 : 1 });
const limits = { ...DEFAULT_LIMITS, cpuMs: 600_000, wallMs: 600_000 };
const grant = { rights: NO_RIGHTS, limits };
const vector = spawnVector(host, grant, await calibrate(host), true);
const args = vector.args.filter((arg) =>
  mode !== "unbound" || !/^--(?:pdeathsig|die-with-parent)/.test(arg)
);

const pids: Record<string, number> = {};
for (const [kind, body] of Object.entries(SCRIPTS)) {
  const others = new Set(descendantsOf(Deno.pid));
  await new Promise<void>((resolve) => {
    const module = {
      javascript: `export default {
        async run(_, ctx) { ctx.emit("up"); ${body} },
      };`,
      scriptUrl: "script://hostile/doomed@1.0.0",
    };
    new LoadedScript(new Cell({ ...vector, args }), grant, host.level, module).call({
      input: null,
      onEvent: () => resolve(),
    });
  });
  // The innermost: at level 2 a cell is watched over from outside and from within its namespace.
  pids[kind] = descendantsOf(Deno.pid).filter((pid) => !others.has(pid)).at(-1)!;
}
const isStopped = setInterval(() => {
  if (!figuresOf(pids.stopped!)?.stopped) return;
  clearInterval(isStopped);
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(pids) + "\n"));
}, 1);
await new Promise(() => {});
