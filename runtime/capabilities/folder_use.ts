/** What a script's directory may hold besides the bytes of its quota. */
export const FOLDER_LIMITS = {
  /** How many folders may be one in another. */
  depth: 64,
  /** How many files and folders there may be. */
  entries: 50_000,
  /** What a file or folder counts at least, bytes. */
  leastBytes: 4_096,
} as const;

/** What {@linkcode FOLDER_LIMITS} says of a directory. */
export type FolderLimits = { readonly [Name in keyof typeof FOLDER_LIMITS]: number };

/** How long the event loop waits at most while files are added up, milliseconds. */
const SLICE_MS = 2;

/**
 * Adds up a directory and looks no further once it is too much. Links count as what they are. What
 * cannot be looked at is too much: a script could hide anything there.
 *
 * @returns What is wrong with it, in words; nothing when it may stay as it is.
 */
export async function misuseOf(
  folder: string,
  quotaBytes: number,
  stopped: AbortSignal,
  limits: FolderLimits = FOLDER_LIMITS,
): Promise<string | undefined> {
  const { depth: mostDepth, entries: mostEntries, leastBytes } = limits;
  const waiting = [{ path: folder, depth: 0 }];
  let bytes = 0;
  let entries = 0;
  let sliceEnd = performance.now() + SLICE_MS;
  for (let at = waiting.pop(); at && !stopped.aborted; at = waiting.pop()) {
    try {
      for await (const { name, isDirectory } of Deno.readDir(at.path)) {
        const path = `${at.path}/${name}`;
        bytes += isDirectory ? leastBytes : Math.max(leastBytes, sizeOf(path));
        if (bytes > quotaBytes) return `holds more than its quota of ${quotaBytes} bytes`;
        if (++entries > mostEntries) return `holds more than ${mostEntries} files and folders`;
        if (isDirectory) {
          if (at.depth >= mostDepth) return `nests more than ${mostDepth} folders`;
          waiting.push({ path, depth: at.depth + 1 });
        }
        if (performance.now() < sliceEnd) continue;
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (stopped.aborted) return undefined;
        sliceEnd = performance.now() + SLICE_MS;
      }
    } catch (error) {
      if (!isGone(error)) return "holds a folder that cannot be looked into";
    }
  }
  return undefined;
}

/** Synchronous, as that costs a fraction of what a promise for each file does. */
function sizeOf(path: string): number {
  try {
    const { size, blocks } = Deno.lstatSync(path);
    // A file with holes takes what it takes.
    return blocks === null ? size : Math.min(size, blocks * 512);
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

/** Whether it was removed, or replaced by a file, while it was looked at. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
