// Holds one cell of each kind and waits for its end. Prints their pids as a line of JSON once all
// are in their state. With the argument "unbound", no cell is bound to the life of its parent.
import { DEFAULT_LIMITS } from "../../../runtime/core/documents/grant.ts";
import { calibrate } from "../../../runtime/sandbox/calibrate.ts";
import { Cell } from "../../../runtime/sandbox/cell.ts";
import { LoadedScript } from "../../../runtime/sandbox/loaded_script.ts";
import { detectHost, NO_RIGHTS } from "../../../runtime/sandbox/mod.ts";
import { spawnVector } from "../../../runtime/sandbox/spawn_vector.ts";
import { figuresOf } from "../proc.ts";

const SCRIPTS = {
  idle: "await new Promise(() => {});",
  spinning: "for (;;);",
  stopped: 'process.kill(process.pid, "SIGSTOP"); await new Promise(() => {});',
};

const host = await detectHost();
const limits = { ...DEFAULT_LIMITS, cpuMs: 600_000, wallMs: 600_000 };
const grant = { rights: NO_RIGHTS, limits };
const vector = spawnVector(host, grant, await calibrate(host), true);
const args = vector.args.filter((arg) =>
  Deno.args[0] !== "unbound" || !arg.startsWith("--pdeathsig")
);

const pids: Record<string, number> = {};
for (const [kind, body] of Object.entries(SCRIPTS)) {
  pids[kind] = await new Promise((resolve) => {
    const module = {
      javascript: `export default {
        async run(_, ctx) { ctx.emit("up", Deno.pid); ${body} },
      };`,
      scriptUrl: "script://hostile/doomed@1.0.0",
    };
    new LoadedScript(new Cell({ ...vector, args }), grant, host.level, module).call({
      input: null,
      onEvent: (event) => event.type === "event" && resolve(event.data as number),
    });
  });
}
const isStopped = setInterval(() => {
  if (!figuresOf(pids.stopped!)?.stopped) return;
  clearInterval(isStopped);
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(pids) + "\n"));
}, 1);
await new Promise(() => {});
