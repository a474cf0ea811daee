import assert from "node:assert/strict";
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { requireReal } from "../real/require_real.ts";
import { haveClamav } from "./clamav_data.ts";
import {
  file,
  finds as findsWith,
  increments,
  ordered,
  refused,
  scannerFolders,
  SETTINGS,
  withVersion,
} from "./machine.ts";
import { until } from "../until.ts";

const PROGRAMS = ["freshclam", "clamscan", "sigtool"] as const;
const ignore = !haveClamav(PROGRAMS);
const programs = ignore ? undefined : requireReal(PROGRAMS);
const finds = (folder: string) => findsWith(programs!.clamscan, folder);

Deno.test({
  name: "agents test, use and pass on what one of them was given; an order rolls one back",
  ignore,
  async fn(t) {
    await using folders = await scannerFolders();
    const folder = folders.of;
    for (const name of ["a", "b"]) await withVersion(folder(name), 1);
    await using office = await SignatureOffice.open([
      { name: "a", peers: ["b"], scanner: `{ folder: ${folder("a")} }` },
      { name: "b", peers: ["a"], scanner: `{ folder: ${folder("b")} }` },
    ], { ...SETTINGS, renewed: ["test"] });
    const order = (...order: Parameters<SignatureOffice["order"]>) => ordered(office, ...order);

    await t.step("v1 does not find the canary, and is not used where it is new", async () => {
      assert.equal(await finds(folder("a")), false);
      const { name } = await refused(office, "a", { do: "publish" }, [
        file("test.cvd", "test-1.cvd"),
      ]);
      assert.equal(name, "NotUsed");
    });
    await t.step("v6 is used by both within seconds", async () => {
      await order("b", { do: "sync" });
      await order("a", { do: "publish" }, [...increments(), file("test.cvd", "test-6.cvd")]);
      assert.equal(await finds(folder("a")), true);
      await until(() => finds(folder("b")));
      const { scanner, fleet } = await office.status("b");
      assert.deepEqual(scanner?.uses, { test: 6 });
      assert.equal(scanner?.current?.tested, true);
      assert.deepEqual(scanner?.current?.files, ["test.cld"], "freshclam used the increments");
      await until(async () => (await office.status("b")).fleet[0]?.uses?.test === 6);
      assert.equal(fleet[0]?.name, "a");
      const { sla, fleet: [a] } = await office.status("b");
      assert.deepEqual([sla, a?.fresh], [{ fresh: 0, of: 2 }, false], "it was made years ago");
    });
    await t.step("a rollback leads to the generation before, and stays there", async () => {
      const { current } = await order("b", { do: "rollback" });
      assert.equal(current.id, 1);
      assert.equal(await finds(folder("b")), false);
      await order("b", { do: "sync" });
      assert.equal((await office.status("b")).scanner?.current?.id, 1);
    });
  },
});
