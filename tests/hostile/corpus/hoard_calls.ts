import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";

export default {
  name: "hoard_calls",
  what: "Has many requests at once ask a capability that takes its time, each with as much as it " +
    "may bring, all of which the agent would keep.",
  module: js`
    const hoarding = new Promise((resolve) => setTimeout(resolve, 1_500, "hoarded"));
    export default {
      async fetch(request, ctx) {
        const value = "x".repeat(200_000);
        const calls = Array.from({ length: 40 }, () => ctx.store.set("slow", value));
        const refusals = calls.map((call) => call.catch(({ code }) => code));
        return new Response(await Promise.race([...refusals, hoarding]));
      },
    };`,
  lent: true,
  served: { paths: Array(16).fill("/") },
  limits: { memoryBytes: 1_000_000_000, cpuMs: 10_000, wallMs: 10_000 },
  expect: { outcome: "ok", result: ["unavailable"] },
  control: alteredCell("any number of bytes waiting", { bounds: { waitingBytes: Infinity } }),
  proof: {
    what: "none of 128 MB is refused",
    holds: ({ result }) => Array.isArray(result) && result.every((text) => text === "hoarded"),
  },
} satisfies Attack;
