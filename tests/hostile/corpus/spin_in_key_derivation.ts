import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_key_derivation",
  what: "Has the runtime derive a key a thousand million times over, in a thread that belongs " +
    "to no script.",
  module: js`
    export default {
      async run(at, ctx) {
        const key = await crypto.subtle.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]);
        const algorithm = { name: "PBKDF2", hash: "SHA-512", salt: key.usages, iterations: 1e9 };
        return await crypto.subtle.deriveBits({ ...algorithm, salt: new Uint8Array(8) }, key, 512);
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
