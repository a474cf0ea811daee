import assert from "node:assert/strict";
import { soak } from "./soak.ts";

Deno.test({
  name: "an agent comes through 200 good and hostile orders with nothing left behind",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { faults, orders } = await soak({ orders: 200 });
    assert.deepEqual(faults, []);
    assert.ok(orders >= 200);
  },
});
