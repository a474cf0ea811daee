/** Memory of a process, bytes. */
export interface ProcessMemory {
  rss: number;
  /** Proportional share: pages shared with others are divided among them. */
  pss: number;
  /** Pages that are this process's alone and were written to: what one more of it costs. */
  privateDirty: number;
}

/** @throws {Deno.errors.NotFound} when the process is gone */
export async function memoryOf(pid: number): Promise<ProcessMemory> {
  const rollup = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1]) * 1024;
  return { rss: bytes("Rss"), pss: bytes("Pss"), privateDirty: bytes("Private_Dirty") };
}

/** Process ids of this process's children whose command line holds `mark`. */
export async function childrenOf(parent: number, mark: string): Promise<number[]> {
  const children: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = await Deno.readTextFile(`/proc/${name}/status`);
      if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== parent) continue;
      if ((await Deno.readTextFile(`/proc/${name}/cmdline`)).includes(mark)) {
        children.push(Number(name));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // ended meanwhile
    }
  }
  return children;
}
