import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { lastedPast } from "../proofs.ts";

export default {
  name: "request_never_answered",
  what: "Never answers a request and keeps its client waiting for ever.",
  module: js`
    export default {
      async fetch(request) {
        if (request.url.endsWith("/other")) return new Response("other");
        await new Promise(() => {});
      },
    };`,
  served: { paths: ["/never", "/other"] },
  limits: { wallMs: 200 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: alteredCell("the deadline lifted", { limits: { wallMs: 800 } }),
  proof: lastedPast(700),
} satisfies Attack;
