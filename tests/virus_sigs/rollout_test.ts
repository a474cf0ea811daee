import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { EICAR_MD5 } from "../../runtime/capabilities/scanner/eicar.ts";
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { requireReal } from "../real/require_real.ts";
import { finds, ordered, refused, scannerFolders, SETTINGS, shelved } from "./machine.ts";
import { signedList } from "./signed_list.ts";
import { until } from "../until.ts";

const programs = requireReal(["clamscan"]);
const NAME = "office.hdb";
const bytesOf = (text: string) => new TextEncoder().encode(text);
const GOOD = `${EICAR_MD5}:68:Office-Canary\n`;

/** An admin, who signs lists. */
class Admin {
  readonly #signer = generateSigner();

  get settings() {
    return { ...SETTINGS, listKeys: [this.#signer.publicKey] };
  }

  list(version: number, text: string, signed = text) {
    return signedList(this.#signer, NAME, version, text, signed);
  }
}

Deno.test({
  name: "a list that the scanner cannot read: the generation before stays, and can be gone back to",
  ignore: !programs,
  async fn(t) {
    await using folders = await scannerFolders();
    const folder = folders.of("a");
    const admin = new Admin();
    await using office = await SignatureOffice.open([
      { name: "a", peers: [], scanner: `{ folder: ${folder} }` },
    ], admin.settings);
    await t.step("a good one is used", async () => {
      assert.equal((await ordered(office, "a", ...admin.list(1, GOOD))).used, "now");
      assert.equal(await finds(programs!.clamscan, folder), true);
    });
    await t.step("a malformed one is not", async () => {
      const { name, message } = await refused(office, "a", ...admin.list(2, "no list at all\n"));
      assert.equal(name, "NotUsed");
      assert.match(message, /cannot read.* \(kept and offered: office.hdb 2\)$/);
      assert.equal(await finds(programs!.clamscan, folder), true);
      const { scanner } = await office.status("a");
      assert.deepEqual([scanner?.current?.id, scanner?.refused], [1, { [NAME]: 2 }]);
    });
    await t.step("one that takes a clean file for a virus is not", async () => {
      const clean = "Minutes of the meeting\n\nNobody objected. The next one is on Tuesday.\n";
      const sha256 = digestOf(bytesOf(clean)).slice("sha256:".length);
      // Such a list may name a file by its SHA-256, too.
      const list = admin.list(3, `${GOOD}${sha256}:${clean.length}:False-Alarm\n`);
      const { name, message } = await refused(office, "a", ...list);
      assert.equal(name, "NotUsed");
      assert.match(message, /clean file/);
    });
    await t.step("an order goes back one generation", async () => {
      assert.equal((await ordered(office, "a", ...admin.list(4, GOOD + GOOD))).used, "now");
      const { current } = await ordered(office, "a", { do: "rollback" });
      assert.equal(current.id, 1);
      assert.equal(await finds(programs!.clamscan, folder), true);
    });
    await t.step("lists that nobody signed, or in another version, are not kept", async () => {
      for (const order of [admin.list(5, GOOD, "another"), new Admin().list(5, GOOD)]) {
        assert.equal((await refused(office, "a", ...order)).name, "FalseFile");
      }
      assert.equal(await shelved(office, "a", NAME), 4);
    });
  },
});

Deno.test({
  name: "agents wait for those that go first, and stop when one of them could not",
  ignore: !programs,
  async fn(t) {
    await using folders = await scannerFolders();
    const admin = new Admin();
    const scanner = (name: string) => `{ folder: ${folders.of(name)} }`;
    await using office = await SignatureOffice.open([
      { name: "canary", peers: ["a"], labels: ["canaries"], scanner: scanner("canary") },
      { name: "a", peers: ["canary"], scanner: scanner("a") },
    ], { ...admin.settings, first: "canaries" });

    await t.step("the others wait", async () => {
      const { used } = await ordered(office, "a", ...admin.list(1, GOOD));
      assert.equal(used, "waits");
    });
    await t.step("and follow", async () => {
      await ordered(office, "canary", { do: "sync" });
      await ordered(office, "a", { do: "sync" });
      await until(async () => (await office.status("a")).scanner?.uses?.[NAME] === 1);
      await until(async () => (await office.status("a")).sla.fresh === 2);
    });
    await t.step("not to what could not be used", async () => {
      await refused(office, "canary", ...admin.list(2, "no list at all\n"));
      await until(async () => await shelved(office, "a", NAME) === 2);
      const report = await ordered(office, "a", { do: "sync" });
      assert.deepEqual([report.used, report.for], ["waits", "nothing: canary could not use it"]);
      assert.equal(await finds(programs!.clamscan, folders.of("a")), true);
    });
  },
});
