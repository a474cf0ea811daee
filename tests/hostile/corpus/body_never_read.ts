import { type Attack, js } from "../attack.ts";
import { believingHost } from "../controls/believing_host.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "body_never_read",
  what: "Takes a request with a long body and never reads it, so that it piles up somewhere.",
  module: js`
    export default {
      async fetch(request) {
        await new Promise(() => {});
      },
    };`,
  served: { paths: ["/"], bodyBytes: 30_000_000 },
  limits: { wallMs: 300, memoryBytes: 32_000_000 },
  expect: { outcome: "wall" },
  control: believingHost,
  proof: memoryGrewPast(100_000_000),
} satisfies Attack;
