import assert from "node:assert/strict";
import { AsideWrites } from "../../runtime/hub/database/aside_writes.ts";
import { HubError } from "../../runtime/hub/errors.ts";

Deno.test("AsideWrites.begin() makes one write of a name at a time, also after one that failed", async () => {
  const writes = new AsideWrites();
  const made: string[] = [];
  const first = Promise.withResolvers<void>();
  const write = (name: string, until: Promise<void>) =>
    writes.begin(name, () => {
      made.push(name);
      return until;
    });
  write("a", first.promise);
  write("a", Promise.resolve());
  write("b", Promise.resolve());
  assert.deepEqual(made, ["a", "b"]);
  first.reject(new HubError("disk_full", "Cannot write"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  write("a", Promise.resolve());
  assert.deepEqual(made, ["a", "b", "a"]);
});
