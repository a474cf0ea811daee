const ROOT_FLAGS = Deno.uid() === 0 ? ["--mount"] : ["--mount", "--map-root-user"];

/**
 * The start of a command line that runs a program with a disk of its own in a folder, which only
 * this program sees and which is gone with it.
 *
 * @param folder Exists already.
 * @param kilobytes What fits on it.
 */
export function onTinyDisk(folder: string, kilobytes: number): [string, ...string[]] {
  const mount = `mount -t tmpfs -o size=${kilobytes}k,mode=0700 tmpfs "$0" && exec "$@"`;
  return ["unshare", ...ROOT_FLAGS, "sh", "-c", mount, folder];
}

/** Whether such a disk can be had; says so loudly when not. */
export function hasTinyDisks(): boolean {
  const folder = Deno.makeTempDirSync({ prefix: "writ-disk-" });
  try {
    const [program, ...args] = onTinyDisk(folder, 64);
    const { success, stderr } = new Deno.Command(program, { args: [...args, "true"] }).outputSync();
    if (!success) tell(new TextDecoder().decode(stderr).trim());
    return success;
  } catch (error) {
    tell(String(error));
    return false;
  } finally {
    Deno.removeSync(folder);
  }
}

function tell(why: string): void {
  const text = `\n*** IGNORED: Cannot test a full disk as none can be mounted here: ${why}\n\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
