import { dirname } from "node:path";

/**
 * Writes a file so that a reader, or a machine that loses power, sees the old content or the new
 * one and never a part: temporary file, fsync, rename, fsync of the folder.
 *
 * @param mode Given exactly, whatever the umask.
 */
export async function writeAtomically(
  path: string,
  content: Uint8Array | string,
  mode = 0o644,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true, mode });
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      await file.sync();
    }
    if (Deno.build.os !== "windows") await Deno.chmod(temporary, mode);
    await Deno.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Makes a rename in this folder last. */
async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder as a file; its renames are journalled.
  if (Deno.build.os === "windows") return;
  using handle = await Deno.open(folder, { read: true });
  await handle.sync();
}

/** The file's bytes; `undefined` when it does not exist. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
