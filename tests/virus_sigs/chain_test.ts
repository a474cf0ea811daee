import assert from "node:assert/strict";
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { requireReal } from "../real/require_real.ts";
import { haveClamav, readTestDatabase } from "./clamav_data.ts";
import { freshclam } from "./freshclam.ts";
import { until } from "./until.ts";

const PROGRAMS = ["freshclam", "clamscan", "sigtool"] as const;
const ignore = !haveClamav(PROGRAMS);
const programs = ignore ? undefined : requireReal(PROGRAMS);

const SETTINGS = { databases: ["test"], every: 2 };
const file = (name: string, from = name) => ({ name, bytes: readTestDatabase(from) });
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
    await until(() => hasVersion(office, "c", 1));
    assert.equal(await client.update(office.get("c").mirror), 1);

    const increments = [2, 3, 4, 5, 6].map((version) => file(`test-${version}.cdiff`));
    await ordered(office, "a", { do: "publish" }, [...increments, file("test.cvd", "test-6.cvd")]);
    await until(() => hasVersion(office, "c", 6));
    assert.equal(await client.update(office.get("c").mirror), 6);
    assert.equal(client.has("test.cld"), true, "it was brought there by increments");
  },
});

async function hasVersion(office: SignatureOffice, name: string, version: number) {
  const { databases } = await office.status(name);
  return databases.some((database: { version: number }) => database.version === version);
}

/** Orders a run that must end well, and answers its result. */
async function ordered(
  office: SignatureOffice,
  ...order: Parameters<SignatureOffice["order"]>
): Promise<Record<string, unknown>> {
  const outcome = await office.order(...order);
  assert.equal(outcome.outcome, "ok", JSON.stringify(outcome));
  return (outcome as { result?: Record<string, unknown> }).result ?? {};
}
