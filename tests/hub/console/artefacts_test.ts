import assert from "node:assert/strict";
import { keepArtefact } from "../../../runtime/hub/artefacts/artefacts.ts";
import { consoleFixture } from "./fixture.ts";

const keyOf = (letter: string) => `writ-key:${letter.repeat(42)}A` as const;

Deno.test("files that runs left stand on the pages of order and run, and are fetched whole", async () => {
  await using hub = await consoleFixture();
  const [ann, ben] = [keyOf("B"), keyOf("C")];
  await hub.agent({ id: ann, name: "ann" });
  await hub.agent({ id: ben, name: "ben" });
  const { id } = await hub.orders.create("acme", "user:ada", {
    ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
  });
  const keep = (agent: typeof ann, name: string, parts: number) =>
    hub.database.transaction((tx) =>
      keepArtefact(tx, "acme", id, { agent, run: 1, time: 1_000 }, {
        ...{ name, part: 1, parts, bytes: new TextEncoder().encode(`by ${name}`) },
      })
    );
  await keep(ann, "report 1.txt", 1);
  await keep(ben, "half.txt", 2);
  const ada = await hub.enter("ada");
  const order = (await ada.open(`/orders/${id}`)).text;
  assert.match(order, /half\.txt <span class="badge busy">parts are missing/);
  const path = /href="([^"]+\/artefacts\/[^"]+)"/.exec(order)![1]!;
  const file = await ada.open(path);
  assert.deepEqual([file.status, file.text], [200, "by report 1.txt"]);
  assert.equal(
    file.headers.get("content-disposition"),
    'attachment; filename="report 1.txt"',
  );
  const run = (agent: string) => ada.open(`/orders/${id}/agents/${encodeURIComponent(agent)}`);
  assert.match((await run(ann)).text, /report 1\.txt/);
  assert.doesNotMatch((await run(ben)).text, /report 1\.txt/);
  assert.equal((await ada.open(path.replace("report%201", "other"))).status, 404);
  const eve = await hub.enter("eve", "admin", "other");
  assert.equal((await eve.open(path)).status, 404);
});
