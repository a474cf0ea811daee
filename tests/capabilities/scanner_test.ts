import assert from "node:assert/strict";
import { ContentStore } from "../../runtime/agent/content/content_store.ts";
import { BlobShelf } from "../../runtime/capabilities/blob_shelf.ts";
import { blobsCapability } from "../../runtime/capabilities/blobs.ts";
import { scannerCapability } from "../../runtime/capabilities/scanner.ts";
import { Generations } from "../../runtime/capabilities/scanner/generations.ts";
import { ScannerPrograms } from "../../runtime/capabilities/scanner/programs.ts";
import { reloadClamd } from "../../runtime/capabilities/scanner/clamd.ts";
import type { ScannerSettings } from "../../runtime/core/documents/scanner.ts";
import { EICAR_MD5 } from "../../runtime/capabilities/scanner/eicar.ts";
import { requireReal } from "../real/require_real.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { ask, refuses, TestDatabase } from "./fixture.ts";

const MB = 1_000_000;
const programs = requireReal(["clamscan"]);

/** A scanner over real files, whose script's endpoint has nothing. */
class TestScanner implements Disposable {
  readonly #database = new TestDatabase();
  readonly folder = `${this.#database.path}/scanner`;
  readonly #shelf: BlobShelf;

  constructor() {
    const files = new ContentStore(`${this.#database.path}/blobs`, 10 * MB);
    this.#shelf = new BlobShelf(this.#database.store, files);
    Deno.chmodSync(this.#database.path, 0o755);
  }

  of(settings: ScannerSettings = { folder: this.folder }) {
    const user = Deno.uid() === 0 ? 65534 : undefined;
    return scannerCapability(
      {
        shelf: this.#shelf,
        root: this.#database.path,
        user: () => Promise.resolve(user),
        endpoint: () => () => Promise.resolve(new Response(null, { status: 404 })),
      },
      "acme/sigs",
      settings,
    );
  }

  async put(text: string, script: `${string}/${string}` = "acme/sigs") {
    const blobs = blobsCapability(this.#shelf, script, MB);
    return await ask<{ sha256: string }>(blobs, "blobs.put", {}, {
      body: new TextEncoder().encode(text),
    });
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}

/** As much of the scanner's answers as is looked at. */
interface Status {
  current: { id: number; tested: boolean; files: string[] } | null;
}

const GOOD = `${EICAR_MD5}:68:Canary\n`;

Deno.test("ctx.scanner takes names of databases and lists, and nothing that could be a path", async () => {
  using test = new TestScanner();
  const scanner = test.of();
  const { sha256 } = await test.put(GOOD);
  const strange = [
    "",
    "../a.hdb",
    "/a.hdb",
    "a.sh",
    "A.hdb",
    "a.hdb\n",
    "--a.hdb",
    "current",
    "a/b.cvd",
  ];
  for (const name of strange) {
    await refuses("invalid", ask(scanner, "scanner.install", { files: [{ name, sha256 }] }));
    await refuses("invalid", ask(scanner, "scanner.verify", { name, sha256 }));
  }
  const twice = { name: "a.hdb", sha256 };
  await refuses("invalid", ask(scanner, "scanner.install", { files: [twice, twice] }));
  await refuses("invalid", ask(scanner, "scanner.install", { files: [] }));
  await refuses("invalid", ask(scanner, "scanner.install", { files: [twice], folder: "/tmp" }));
  await refuses("invalid", ask(scanner, "scanner.verify", { name: "a.hdb", sha256 }));
});

Deno.test("ctx.scanner uses blobs of its own script alone", async () => {
  using test = new TestScanner();
  const { sha256 } = await test.put(GOOD, "acme/other");
  const files = [{ name: "a.hdb", sha256 }];
  await refuses("not_found", ask(test.of(), "scanner.install", { files }));
  await refuses("not_found", ask(test.of(), "scanner.verify", { name: "a.cvd", sha256 }));
  assert.equal((await ask<Status>(test.of(), "scanner.status", {})).current, null);
});

Deno.test({
  name: "ctx.scanner keeps as many generations as the admin says, and goes back one at a time",
  ignore: !programs,
  async fn() {
    using test = new TestScanner();
    const scanner = test.of({ folder: test.folder, keep: 2 });
    await refuses("not_found", ask(scanner, "scanner.rollback", {}));
    for (let i = 1; i <= 3; i++) {
      const { sha256 } = await test.put(GOOD.repeat(i));
      const files = [{ name: "a.hdb", sha256 }];
      const { current } = await ask<Status>(scanner, "scanner.install", { files });
      assert.deepEqual([current?.id, current?.tested, current?.files], [i, true, ["a.hdb"]]);
      assert.equal(
        (await ask<Status>(scanner, "scanner.install", { files })).current?.id,
        i,
        "once",
      );
    }
    const text = () => Deno.readTextFileSync(`${test.folder}/current/a.hdb`);
    assert.equal(text(), GOOD.repeat(3));
    assert.equal((await ask<Status>(scanner, "scanner.rollback", {})).current?.id, 2);
    assert.equal(text(), GOOD.repeat(2));
    await refuses("not_found", ask(scanner, "scanner.rollback", {}));
    // Nobody comes back to what was left.
    const { sha256 } = await test.put(GOOD.repeat(4));
    const files = [{ name: "a.hdb", sha256 }];
    assert.equal((await ask<Status>(scanner, "scanner.install", { files })).current?.id, 4);
    const left = [...Deno.readDirSync(`${test.folder}/generations`)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["2", "2.json", "4", "4.json"]);
    assert.equal((await ask<Status>(scanner, "scanner.rollback", {})).current?.id, 2);
  },
});

Deno.test({
  name: "ctx.scanner leaves everything as it is when a list is malformed",
  ignore: !programs,
  async fn() {
    using test = new TestScanner();
    const good = await test.put(GOOD);
    const bad = await test.put("no list\n");
    const scanner = test.of();
    const install = ({ sha256 }: { sha256: string }) =>
      ask(scanner, "scanner.install", { files: [{ name: "a.hdb", sha256 }] });
    await install(good);
    await refuses("failed", install(bad));
    assert.equal(Deno.readTextFileSync(`${test.folder}/current/a.hdb`), GOOD);
    const left = [...Deno.readDirSync(test.folder)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["current", "generations"]);
  },
});

Deno.test({
  name: "ctx.scanner blames no file where its programs may not enter the folder",
  // Only root has others run them.
  ignore: !programs || Deno.uid() !== 0,
  async fn() {
    using test = new TestScanner();
    const walled = `${test.folder}-walled`;
    Deno.mkdirSync(walled, { mode: 0o700 });
    const scanner = test.of({ folder: `${walled}/scanner` });
    const { sha256 } = await test.put(GOOD);
    const install = () =>
      ask<Status>(scanner, "scanner.install", { files: [{ name: "a.hdb", sha256 }] });
    await refuses("unavailable", install());
    await refuses("unavailable", ask(scanner, "scanner.verify", { name: "a.cvd", sha256 }));
    const left = [...Deno.readDirSync(`${walled}/scanner`)].map(({ name }) => name);
    assert.deepEqual(left, ["generations"]);
    Deno.chmodSync(walled, 0o755);
    assert.equal((await install()).current?.id, 1);
  },
});

Deno.test({
  name: "ctx.scanner tests databases with the admin's own files, too",
  ignore: !programs,
  async fn(t) {
    using test = new TestScanner();
    const canaries = `${test.folder}-canaries`;
    for (const kind of ["found", "clean"]) {
      Deno.mkdirSync(`${canaries}/${kind}`, { recursive: true, mode: 0o700 });
    }
    const scanner = test.of({ folder: test.folder, canaries });
    const hashed = async (text: string, name: string) => {
      const bytes = new TextEncoder().encode(text);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      return `${digest}:${bytes.length}:${name}\n`;
    };
    const install = async (lists: string) => {
      const { sha256 } = await test.put(lists);
      return await ask<Status>(scanner, "scanner.install", { files: [{ name: "a.hsb", sha256 }] });
    };
    const [own, invoice] = ["what we make ourselves", "an invoice"];
    const list = await hashed(own, "Own");
    await t.step("there are none", async () => {
      await refuses("unavailable", install(list));
    });
    Deno.writeTextFileSync(`${canaries}/found/own`, own);
    Deno.writeTextFileSync(`${canaries}/clean/invoice`, invoice);
    await t.step("one is not found", async () => {
      await refuses("failed", install(await hashed("another", "Other")));
    });
    await t.step("a clean one is", async () => {
      await refuses("failed", install(list + await hashed(invoice, "False-Alarm")));
    });
    await t.step("all is as it should be", async () => {
      assert.equal((await install(list)).current?.tested, true);
    });
  },
});

Deno.test("reloadClamd() tells whether the daemon took it, whoever answers", async (t) => {
  const cases: [answer: string | undefined, taken: boolean][] = [
    ["RELOADING\0", true],
    ["UNKNOWN COMMAND\0", false],
    ["", false],
    [undefined, false],
  ];
  await t.step("by the path of its socket", async () => {
    using dir = new TemporaryDir();
    const path = `${dir.path}/clamd.ctl`;
    using listener = Deno.listen({ transport: "unix", path });
    const served = (async () => {
      using connection = await listener.accept();
      const command = new Uint8Array(20);
      const count = await connection.read(command) ?? 0;
      await connection.write(new TextEncoder().encode("RELOADING\0"));
      return new TextDecoder().decode(command.subarray(0, count));
    })();
    assert.equal(await reloadClamd(path), true);
    assert.equal(await served, "zRELOAD\0");
    assert.equal(await reloadClamd(`${path}.none`), false);
  });
  for (const [answer, taken] of cases) {
    await t.step(String(answer), async () => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr;
      if (answer === undefined) listener.close();
      const served = answer === undefined ? undefined : (async () => {
        using connection = await listener.accept();
        const command = new Uint8Array(20);
        const count = await connection.read(command) ?? 0;
        await connection.write(new TextEncoder().encode(answer));
        return new TextDecoder().decode(command.subarray(0, count));
      })();
      assert.equal(await reloadClamd(`127.0.0.1:${port}`), taken);
      if (served) assert.equal(await served, "zRELOAD\0");
    });
  }
});

Deno.test({
  name: "Generations keep nothing but files of what programs wrote, and follow no link of theirs",
  // Only root has others write there.
  ignore: Deno.uid() !== 0,
  async fn() {
    using folder = new TemporaryDir();
    Deno.chmodSync(folder.path, 0o755);
    const user = () => Promise.resolve(65534);
    const generations = new Generations(`${folder.path}/sigs`, new ScannerPrograms(user));
    await generations.prepare();
    const secret = `${folder.path}/secret`;
    await Deno.writeTextFile(secret, "x", { mode: 0o600 });
    const staged = await generations.stage();
    assert.equal((await Deno.stat(staged)).uid, 0, "nobody else writes before it is lent");
    await generations.lend(staged, AbortSignal.timeout(60_000));
    assert.equal((await Deno.stat(staged)).uid, 65534);
    await Deno.writeTextFile(`${staged}/a.hdb`, GOOD);
    await Deno.symlink(secret, `${staged}/b.hdb`);
    await Deno.mkdir(`${staged}/c`);
    await generations.add(staged, { made: 1, tested: true, sources: {} });
    const kept = [...Deno.readDirSync(`${folder.path}/sigs/generations/1`)];
    assert.deepEqual(kept.map(({ name }) => name), ["a.hdb"]);
    assert.equal((await Deno.stat(`${folder.path}/sigs/generations/1`)).uid, 0);
    assert.equal((await Deno.stat(secret)).mode! & 0o777, 0o600);
  },
});
