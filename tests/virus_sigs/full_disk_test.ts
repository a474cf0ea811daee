import assert from "node:assert/strict";
import { PATIENCE_MS } from "../within.ts";
import { haveClamav } from "./clamav_data.ts";

const mounts = await canMount();
const PROGRAMS = ["freshclam", "clamscan", "sigtool"] as const;

Deno.test({
  name: "a disk that is full in the middle of a download: what was there stays, the next is taken",
  ignore: !mounts,
  async fn() {
    const told = await onSmallDisk("6m", "full_disk_office.ts");
    assert.deepEqual(told, { first: 1, second: 1, third: 3, left: 0 });
  },
});

Deno.test({
  name: "a disk that is full when freshclam works condemns no file: it is used when there is room",
  ignore: !mounts || !haveClamav(PROGRAMS),
  async fn() {
    const { message, used } = await onSmallDisk("1m", "full_scanner_office.ts");
    assert.match(message as string, /disk is nearly full/);
    assert.equal(used, "now");
  },
});

/** What a program says that has a folder with a file system of its own, as long as it runs. */
async function onSmallDisk(size: string, program: string): Promise<Record<string, unknown>> {
  const mount =
    'mount -t tmpfs -o size="$3",mode=755 tmpfs "$1" && exec "$0" run --quiet -A "$2" "$1"';
  const folder = await Deno.makeTempDir({ prefix: "writ-full-" });
  const script = new URL(program, import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-m", "/bin/sh", "-c", mount, Deno.execPath(), folder, script, size],
    signal: AbortSignal.timeout(5 * PATIENCE_MS),
  }).output();
  await Deno.remove(folder, { recursive: true });
  const text = new TextDecoder().decode(stdout);
  assert.ok(text.startsWith("{"), text + new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

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
