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

/**
 * Process ids of a process's descendants by their command line. A cell need not be a child: what
 * gives it a file system of its own stands between.
 */
export async function descendantsOf(
  ancestor: number,
  isWanted: (args: string[]) => boolean,
): Promise<number[]> {
  const parents = new Map<number, number>();
  const wanted: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = await Deno.readTextFile(`/proc/${name}/status`);
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      const args = (await Deno.readTextFile(`/proc/${name}/cmdline`)).split("\0");
      if (isWanted(args)) wanted.push(Number(name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // ended meanwhile
    }
  }
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === ancestor || descends(parents.get(pid)));
  return wanted.filter((pid) => pid !== ancestor && descends(pid));
}
