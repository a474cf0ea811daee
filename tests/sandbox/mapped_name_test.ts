import assert from "node:assert/strict";

const PROGRAM = new URL("./fixtures/mapped_name.ts", import.meta.url);
/** A namespace whose only name server is the program's own. */
const NAMESPACE = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && ' +
  'exec "$2" run -A -q --unstable-net "$3"';

Deno.test({
  name: "a granted name whose AAAA record is ::ffff:127.0.0.1 does not lead a cell to loopback",
  // Only root may mount and take port 53; the namespace keeps both from everybody else.
  ignore: Deno.uid() !== 0,
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
