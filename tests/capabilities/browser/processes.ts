import { PATIENCE_MS } from "../../within.ts";

/** A process that was started with a folder's name among its words. */
export interface NamedProcess {
  readonly pid: number;
  readonly args: string;
}

/**
 * Waits until at least one process, or none, names a folder.
 *
 * @param least 0 for none at all.
 */
export async function processesOf(folder: string, least: 0 | 1): Promise<NamedProcess[]> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  while (true) {
    const found: NamedProcess[] = [];
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^[0-9]+$/.test(name)) continue;
      const args = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      if (args.includes(folder)) found.push({ pid: Number(name), args });
    }
    if (least === 0 ? found.length === 0 : found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 30));
    if (late.aborted) throw new Error(`these are there: ${JSON.stringify(found)}`);
  }
}
