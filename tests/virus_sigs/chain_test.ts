import assert from "node:assert/strict";
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { requireReal } from "../real/require_real.ts";
import { haveClamav } from "./clamav_data.ts";
import { freshclam } from "./freshclam.ts";
import { file, increments, ordered, SETTINGS, shelved } from "./machine.ts";
import { until } from "../until.ts";

const PROGRAMS = ["freshclam", "clamscan", "sigtool"] as const;
const ignore = !haveClamav(PROGRAMS);
const programs = ignore ? undefined : requireReal(PROGRAMS);

const CHAIN = [
  { name: "a", peers: ["b"] },
  { name: "b", peers: ["a", "c"] },
  { name: "c", peers: ["b"] },
];

Deno.test({
  name: "freshclam goes from v1 to v6 at the end of a chain of agents",
  ignore,
  async fn() {
    await using office = await SignatureOffice.open(CHAIN, SETTINGS);
    using client = await freshclam(programs!.freshclam);
    for (const name of ["b", "c"]) await ordered(office, name, { do: "sync" });
    await ordered(office, "a", { do: "publish" }, [file("test.cvd", "test-1.cvd")]);
    await until(() => shelved(office, "c").then((version) => version === 1));
    assert.equal(await client.update(office.get("c").mirror), 1);

    await ordered(office, "a", { do: "publish" }, [
      ...increments(),
      file("test.cvd", "test-6.cvd"),
    ]);
    await until(() => shelved(office, "c").then((version) => version === 6));
    assert.equal(await client.update(office.get("c").mirror), 6);
    assert.equal(client.has("test.cld"), true, "it was brought there by increments");
  },
});
