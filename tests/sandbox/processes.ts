import type { Sandbox } from "../../runtime/sandbox/mod.ts";
import { calling, sealed } from "./cells.ts";

/** Processes whose parent is this one, or `of`. */
export async function childPids(of = Deno.pid): Promise<number[]> {
  const children = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const stat = /^\d+$/.test(name) ? await readText(`/proc/${name}/stat`) : undefined;
    // Behind the command's name in parentheses: state, parent.
    const [state, parent] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
    if (Number(parent) === of && state !== "Z") children.push(Number(name));
  }
  return children;
}

/** The cell behind a child of ours: itself, or at level 2 the last of those that watch over it. */
export async function cellBehind(child: number): Promise<number> {
  const [next] = await childPids(child);
  return next === undefined ? child : await cellBehind(next);
}

/** Waits for the end of a process whose last moments are the kernel's. */
export async function untilGone(pid: number): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (await readText(`/proc/${pid}/stat`) !== undefined) {
    if (performance.now() > deadline) throw new Error(`process ${pid} lives on`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/**
 * Descriptors of a running cell above 2 that lead to a pipe or socket which another process holds
 * too. Deno's own wake-up pairs and its copies of 0, 1 and 2 lead nowhere else.
 */
export async function strayDescriptors(sandbox: Sandbox): Promise<number[]> {
  const others = await childPids();
  const script = sandbox.load(sealed(), calling("() => 1"));
  const { outcome } = await script.call({ input: null });
  if (outcome.outcome !== "ok") throw new Error(`no cell: ${JSON.stringify(outcome)}`);
  const pid = await cellBehind((await childPids()).find((child) => !others.includes(child))!);
  const open = await descriptorsOf(pid);
  const standard = new Set(open.filter(({ fd }) => fd <= 2).map(({ target }) => target));
  const elsewhere = new Set<string>();
  for (const other of [Deno.pid, Deno.ppid]) {
    for (const { target } of await descriptorsOf(other)) elsewhere.add(target);
  }
  return open
    .filter(({ target }) => /^(pipe|socket):/.test(target))
    .filter(({ target }) => !standard.has(target) && elsewhere.has(target))
    .map(({ fd }) => fd);
}

/** What each descriptor of a process leads to. */
async function descriptorsOf(pid: number): Promise<{ fd: number; target: string }[]> {
  const found = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => undefined);
    if (target !== undefined) found.push({ fd: Number(name), target });
  }
  return found;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return undefined; // the process has just ended
  }
}
