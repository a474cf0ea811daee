import assert from "node:assert/strict";
import { requireReal } from "../real/require_real.ts";

const PROGRAM = new URL("./fixtures/mapped_name.ts", import.meta.url);
/** A namespace whose only name server is the program's own. */
const NAMESPACE = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && ' +
  'exec "$2" run -A -q --unstable-net "$3"';

/** Only root may mount and take port 53; the namespace keeps both from everybody else. */
function canMakeNamespace(): boolean {
  if (!requireReal(["ip", "unshare", "mount"])) return false;
  const { success } = new Deno.Command("unshare", { args: ["-mn", "true"], stderr: "null" })
    .outputSync();
  if (success) return true;
  const message = "Cannot test names with AAAA records as no network namespace can be made here";
  if (Deno.env.get("WRIT_REQUIRE_REAL") === "1" && Deno.uid() === 0) throw new Error(message);
  Deno.stderr.writeSync(new TextEncoder().encode(`\n*** IGNORED: ${message}\n\n`));
  return false;
}

Deno.test({
  name: "a granted name whose AAAA record is ::ffff:127.0.0.1 does not lead a cell to loopback",
  ignore: !canMakeNamespace(),
  async fn() {
    const servers = await Deno.makeTempFile();
    await Deno.writeTextFile(servers, "nameserver 127.0.0.1\n");
    try {
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: ["-mn", "bash", "-c", NAMESPACE, "_", servers, Deno.execPath(), PROGRAM.pathname],
      }).output();
      const text = new TextDecoder().decode(stdout);
      assert.notEqual(text, "", new TextDecoder().decode(stderr));
      const { outcome, fromCell, withoutCell } = JSON.parse(text);
      assert.equal(outcome, "script_error");
      assert.equal(fromCell, 0);
      assert.equal(withoutCell, 1, "control: the flags alone let it through");
    } finally {
      await Deno.remove(servers);
    }
  },
});
