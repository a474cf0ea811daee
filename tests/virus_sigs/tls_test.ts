import assert from "node:assert/strict";
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { requireReal } from "../real/require_real.ts";
import { until } from "../until.ts";
import { haveClamav } from "./clamav_data.ts";
import { freshclam } from "./freshclam.ts";
import { file, ordered, SETTINGS, shelved } from "./machine.ts";

const ignore = !haveClamav(["freshclam"]);
const programs = ignore ? undefined : requireReal(["freshclam"]);

Deno.test({
  name: "machines exchange databases by TLS, and freshclam takes them by TLS from there",
  ignore,
  async fn(t) {
    await using office = await SignatureOffice.open([
      { name: "a", peers: ["b"], tls: true },
      { name: "b", peers: ["a"], tls: true },
    ], SETTINGS);
    const { url, mirror, dir } = office.get("b");
    assert.match(url, /^https:/);
    await t.step("from one to the other", async () => {
      await ordered(office, "b", { do: "sync" });
      await ordered(office, "a", { do: "publish" }, [file("test.cvd", "test-6.cvd")]);
      await until(async () => await shelved(office, "b") === 6);
    });
    using client = await freshclam(programs!.freshclam);
    await t.step("not to a freshclam that does not know the agent's own authority", async () => {
      assert.equal(await client.update(mirror), 0);
    });
    await t.step("and to one that was told of it", async () => {
      client.authority = `${dir}/state/tls/ca.pem`;
      assert.equal(await client.update(mirror), 6, client.said);
    });
  },
});
