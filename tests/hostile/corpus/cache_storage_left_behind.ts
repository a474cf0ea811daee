import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "cache_storage_left_behind",
  what: "Leaves something for a later script in the cache storage, which writes to disk without " +
    "any permission.",
  module: js`
    export default {
      async run(at, ctx) {
        const cache = await caches.open("drop");
        return await (await cache.match("http://drop/")).text();
      },
    };`,
  accomplice: {
    when: "before",
    module: js`
    export default {
      async run(at, ctx) {
        const cache = await caches.open("drop");
        await cache.put("http://drop/", new Response("left behind"));
      },
    };`,
  },
  expect: { outcome: "script_error" },
  control: alteredCell("a cache folder that can be written, and files at all", {
    env: ({ openFolder }) => ({ DENO_DIR: openFolder }),
    args: [["--fsize=", "--fsize=100000000"]],
  }),
  proof: believed("left behind"),
} satisfies Attack;
