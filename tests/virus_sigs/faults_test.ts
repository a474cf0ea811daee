import assert from "node:assert/strict";
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { writePoisoner } from "../../runtime/cli/demo/virus_sigs/poisoner.ts";
import { requireReal } from "../real/require_real.ts";
import { haveClamav } from "./clamav_data.ts";
import { freshclam } from "./freshclam.ts";
import {
  file,
  finds,
  flipped,
  increments,
  ordered,
  refused,
  scannerFolders,
  SETTINGS,
  shelved,
  withVersion,
} from "./machine.ts";
import { until } from "../until.ts";

const PROGRAMS = ["freshclam", "clamscan", "sigtool"] as const;
const ignore = !haveClamav(PROGRAMS);
const programs = ignore ? undefined : requireReal(PROGRAMS);

Deno.test({
  name: "a flipped bit in an increment: the scanner is brought to v6 by the whole file",
  ignore,
  async fn() {
    await using folders = await scannerFolders();
    await withVersion(folders.of("a"), 1);
    const a = { name: "a", peers: [], scanner: `{ folder: ${folders.of("a")} }` };
    await using office = await SignatureOffice.open([a], SETTINGS);
    const documents = [
      flipped("test-2.cdiff"),
      ...increments().slice(1),
      file("test.cvd", "test-6.cvd"),
    ];
    const { used } = await ordered(office, "a", { do: "publish" }, documents);
    assert.equal(used, "now");
    const { scanner } = await office.status("a");
    assert.deepEqual(scanner?.current?.files, ["test.cvd"]);
    assert.equal(await finds(programs!.clamscan, folders.of("a")), true);
  },
});

Deno.test({
  name: "a flipped bit in a database: refused by who has a scanner, taken from the next peer",
  ignore,
  async fn(t) {
    await using folders = await scannerFolders();
    const script = await writePoisoner(folders.of("script"));
    await using office = await SignatureOffice.open([
      { name: "bad", peers: ["c"], script },
      { name: "good", peers: ["c"] },
      { name: "c", peers: ["bad", "good"], scanner: `{ folder: ${folders.of("c")} }` },
    ], SETTINGS);
    const broken = flipped("test.cvd", "test-6.cvd", 3_000);
    await t.step("it is not published where it can be verified", async () => {
      const { name } = await refused(office, "c", { do: "publish" }, [broken]);
      assert.equal(name, "FalseFile");
      assert.equal(await shelved(office, "c"), 0);
    });
    await t.step(
      "the peer that offers it is banned, the same version comes from the other",
      async () => {
        await ordered(office, "bad", { version: 6 }, [{ ...broken, bytes: other(broken.bytes) }]);
        await ordered(office, "c", { do: "sync" });
        const { banned } = await office.status("c");
        assert.deepEqual(banned.map(({ peer }: { peer: string }) => peer), [
          office.get("bad").id,
        ]);
        await ordered(office, "good", { do: "publish" }, [file("test.cvd", "test-6.cvd")]);
        await until(async () => await shelved(office, "c") === 6);
      },
    );
    await t.step("freshclam itself goes on to the next mirror", async () => {
      using client = await freshclam(programs!.freshclam);
      await using passes = await SignatureOffice.open([{ name: "p", peers: [] }], SETTINGS);
      await ordered(passes, "p", { do: "publish" }, [broken]);
      assert.equal(await shelved(passes, "p"), 6, "only a scanner could have told");
      assert.equal(await client.update(passes.get("p").mirror, office.get("c").mirror), 6);
    });
  },
});

/** The same broken file once more, with another bit, as the first is known to be bad. */
function other(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  copy[4_000]! ^= 1;
  return copy;
}
