import assert from "node:assert/strict";
import { Bans } from "../../scripts/virus-sigs/bans.ts";
import type { Desk } from "../../scripts/virus-sigs/desk.ts";
import { readSettings } from "../../scripts/virus-sigs/settings.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import { statusOf } from "../../scripts/virus-sigs/status.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";

/** Whether an agent that told of databases of these ages, in hours, counts as fresh. */
async function isFresh(ages: Record<string, number>, settings = {}): Promise<boolean> {
  const store = memoryStore();
  await store.set("seen/b", { id: "b", name: "b", at: 0, uses: {}, refused: {}, ages });
  const desk = {
    settings: readSettings(settings),
    shelf: new Shelf(store, memoryBlobs()),
    bans: new Bans(store),
    store,
    now: () => 0,
  } as unknown as Desk;
  const { sla, fleet } = await statusOf(desk);
  assert.deepEqual(sla, { fresh: fleet[0]!.fresh ? 1 : 0, of: 2 }, "this machine keeps nothing");
  return fleet[0]!.fresh;
}

Deno.test("statusOf() counts as fresh who keeps what is renewed, and that no older than is said", async () => {
  assert.equal(await isFresh({ daily: 48, main: 50_000 }), true);
  assert.equal(await isFresh({ daily: 49, main: 50_000 }), false);
  assert.equal(await isFresh({ main: 50_000 }), false, "the one that counts is missing");
  assert.equal(await isFresh({}), false, "nothing is kept");
  assert.equal(await isFresh({ daily: 49 }, { freshHours: 49 }), true);
  assert.equal(await isFresh({ main: 50_000 }, { renewed: [] }), true);
  assert.equal(await isFresh({ "office.hdb": 50_000 }, { databases: [] }), true);
});
