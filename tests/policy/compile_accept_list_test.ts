import assert from "node:assert/strict";
import { acceptListSchema } from "../../runtime/core/documents/acceptlist.ts";
import { parseDocument } from "../../runtime/core/documents/parse.ts";
import { canonicalBytes } from "../../runtime/core/canonical_json.ts";
import { is } from "valibot";
import { compileAcceptList, type ListHeader, loadPolicyDir } from "../../runtime/policy/mod.ts";
import { goodFiles, policyFolder } from "./fixture.ts";

const HEADER: ListHeader = {
  epoch: 1,
  version: 1,
  issued: "2026-01-01T00:00:00Z",
  expires: "2026-02-01T00:00:00Z",
  prev: null,
};

Deno.test("compileAcceptList() makes a payload that is read back as it was", async () => {
  const loaded = await loadLocal(goodFiles());
  const list = compileAcceptList(loaded, HEADER);
  assert.ok(is(acceptListSchema, list));
  assert.deepEqual(parseDocument("acceptlist", canonicalBytes(list)), list);
  assert.deepEqual(list.grants.map((g) => g.script), ["acme/print"]);
  assert.equal(list.fleet, "office");
});

Deno.test("compileAcceptList() takes the expiry from the files, and needs one", async () => {
  const files = goodFiles();
  const { expires: _, ...header } = HEADER;
  const without = await loadLocal(files);
  assert.throws(() => compileAcceptList(without, header), RangeError);
  const within = await loadLocal({
    ...files,
    "accept.yaml": files["accept.yaml"] + "expires: 2026-03-01T00:00:00Z\n",
  });
  assert.equal(compileAcceptList(within, header).expires, "2026-03-01T00:00:00Z");
  assert.throws(
    () => compileAcceptList(within, { ...header, issued: "2026-03-01T00:00:00Z" }),
    RangeError,
  );
});

async function loadLocal(files: Record<string, string>) {
  await using folder = await policyFolder(files);
  const loaded = await loadPolicyDir(folder.dir);
  assert.ok(loaded.mode === "local");
  return loaded;
}
