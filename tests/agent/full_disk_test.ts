import assert from "node:assert/strict";

Deno.test({
  name: "an agent on a full disk refuses what it cannot store, and goes on",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: [
        "-c",
        // The signal would end the process; ignored, the write fails as on a full disk.
        'trap "" XFSZ; ulimit -f 2048; exec "$0" "$@"',
        Deno.execPath(),
        "run",
        "--quiet",
        "--no-prompt",
        "-A",
        new URL("full_disk_agent.ts", import.meta.url).pathname,
      ],
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.ok(text.startsWith("{"), new TextDecoder().decode(stderr));
    const { largeBlob, smallBlob, incoming, orders, runs, health, audit } = JSON.parse(text);
    assert.deepEqual(largeBlob, { status: 507, code: "disk_full", stored: false });
    assert.deepEqual(smallBlob, { status: 201, code: null, stored: true });
    assert.equal(incoming, 0, "nothing is left half-written");
    const accepted = orders.filter((status: number) => status === 202).length;
    assert.ok(accepted > 0 && accepted < orders.length, `statuses ${orders}`);
    assert.equal(runs, accepted, "no more and no fewer than were acknowledged");
    assert.equal(health, 200);
    assert.equal(audit, true);
  },
});
