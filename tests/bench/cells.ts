import type { CellGrant, LoadedScript, Sandbox } from "../../runtime/sandbox/mod.ts";
import { NO_RIGHTS } from "../../runtime/sandbox/mod.ts";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import { elapsed, median } from "./statistics.ts";
import { descendantsOf, memoryOf, type ProcessMemory } from "./proc.ts";

/** Deno with the harness, and none of the links in front of it. */
const isCell = (args: string[]) =>
  args[1] === "run" && args.some((arg) => arg.startsWith("data:text/javascript,"));
/** V8 gives memory back a moment after it was last busy; an idle cell is one after that moment. */
const SETTLE_MS = 2_000;

export const GRANT: CellGrant = { rights: NO_RIGHTS, limits: DEFAULT_LIMITS };
/** The same work as peers/increment.js does, never seen before: no cache can know it. */
function newScript() {
  return {
    javascript: `export default { run: ({ n }) => ({ n: n + 1 }) }; // ${crypto.randomUUID()}`,
    scriptUrl: "script://bench/increment@1.0.0",
  };
}

/** Nothing is waiting: process start until the first result, milliseconds. */
export function coldRun(sandbox: Sandbox): Promise<number> {
  const script = newScript();
  return elapsed(async () => expectTwo(await sandbox.run(GRANT, { ...script, input: { n: 1 } })));
}

/** A booted cell is waiting: module in until the result, milliseconds. */
export async function prewarmedRun(prewarmed: Sandbox): Promise<number> {
  await prewarmed.prewarm(GRANT);
  const ms = await coldRun(prewarmed);
  // The next cell boots now; what is measured next must not pay for it.
  await prewarmed.prewarm(GRANT);
  return ms;
}

/** A script that has answered once, to be called again. */
export async function loadScript(sandbox: Sandbox): Promise<LoadedScript> {
  const script = sandbox.load(GRANT, newScript());
  expectTwo(await script.call({ input: { n: 1 } }));
  return script;
}

/** Calls one after another, milliseconds each. */
export async function warmCalls(script: LoadedScript, count: number): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    samples.push(await elapsed(async () => expectTwo(await script.call({ input: { n: 1 } }))));
  }
  return samples;
}

/** Medians over `count` cells that have each answered once and are idle. */
export async function idleMemory(sandbox: Sandbox, count: number): Promise<ProcessMemory> {
  const scripts: LoadedScript[] = [];
  for (let i = 0; i < count; i++) scripts.push(await loadScript(sandbox));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const cells = await descendantsOf(Deno.pid, isCell);
  if (cells.length !== count) throw new Error(`expected ${count} cells, found ${cells.length}`);
  const all = await Promise.all(cells.map(memoryOf));
  for (const script of scripts) script.close();
  const middle = (field: keyof ProcessMemory) => median(all.map((memory) => memory[field]));
  return { rss: middle("rss"), pss: middle("pss"), privateDirty: middle("privateDirty") };
}

function expectTwo({ outcome }: Awaited<ReturnType<Sandbox["run"]>>): void {
  if (outcome.outcome === "ok" && (outcome.result as { n: number }).n === 2) return;
  throw new Error(`a wrong outcome: ${JSON.stringify(outcome)}`);
}
