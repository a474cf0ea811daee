import assert from "node:assert/strict";

/** A file system of its own for one folder, in a mount namespace that ends with the process. */
const MOUNT = 'mount -t tmpfs -o size=6m,mode=755 tmpfs "$1" && exec "$0" run --quiet -A "$2" "$1"';

const mounts = await canMount();

Deno.test({
  name: "a disk that is full in the middle of a download: what was there stays, the next is taken",
  ignore: !mounts,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "writ-full-" });
    const script = new URL("full_disk_office.ts", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: ["-m", "/bin/sh", "-c", MOUNT, Deno.execPath(), folder, script],
    }).output();
    await Deno.remove(folder, { recursive: true });
    const text = new TextDecoder().decode(stdout);
    assert.ok(text.startsWith("{"), text + new TextDecoder().decode(stderr));
    assert.deepEqual(JSON.parse(text), { first: 1, second: 1, third: 3, left: 0 });
  },
});

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const args = ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
  const tried = new Deno.Command("unshare", { args, stdout: "null", stderr: "null" }).output();
  const { success } = await tried.catch(() => ({ success: false }));
  if (success) return true;
  const message = "Cannot test a full disk as nobody may mount a small one here";
  if (Deno.env.get("WRIT_REQUIRE_REAL") === "1") throw new Error(message);
  Deno.stderr.writeSync(new TextEncoder().encode(`\n*** IGNORED: ${message}\n\n`));
  return false;
}
