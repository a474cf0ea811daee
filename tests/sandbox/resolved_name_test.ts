import assert from "node:assert/strict";
import { canMakeNamespace, inNamespace } from "./namespace.ts";

const ignore = !canMakeNamespace();

Deno.test({
  name: "a granted name whose AAAA record is ::ffff:127.0.0.1 does not lead a cell to loopback",
  ignore,
  async fn() {
    assert.deepEqual(await inNamespace(new URL("./fixtures/mapped_name.ts", import.meta.url)), {
      outcome: "script_error",
      fromCell: 0,
      // The control: the flags alone let it through.
      withoutCell: 1,
    });
  },
});

Deno.test({
  name: "no granted name leads a cell to the metadata address of a cloud, nor does any spelling",
  ignore,
  async fn() {
    const program = new URL("./fixtures/metadata_address.ts", import.meta.url);
    assert.deepEqual(await inNamespace(program, ["169.254.169.254/32"]), {
      name: { outcome: "denied", hits: 0 },
      address: { outcome: "denied", hits: 0 },
      decimal: { outcome: "denied", hits: 0 },
      mapped: { outcome: "denied", hits: 0 },
      // The control: the same grant without the list of what is denied.
      unwalled: { outcome: "ok", hits: 1 },
    });
  },
});

Deno.test({
  name: "a cell with a network asks nobody for a newer Deno, which no grant names",
  ignore,
  async fn() {
    assert.deepEqual(await inNamespace(new URL("./fixtures/update_check.ts", import.meta.url)), {
      outcome: "ok",
      fromCell: [],
      // The control: Deno by itself does.
      withoutCell: ["dl.deno.land"],
    });
  },
});
