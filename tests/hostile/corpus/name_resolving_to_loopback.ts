import { denoFlags } from "../../../runtime/policy/mod.ts";
import type { CellRights } from "../../../runtime/sandbox/mod.ts";
import { type Attack, denied, js } from "../attack.ts";
import type { Targets } from "../canaries.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

function named({ tcpPort }: Targets, internal: boolean): CellRights {
  return denoFlags({ net: [{ address: `localhost:${tcpPort}`, internal }] });
}

export default {
  name: "name_resolving_to_loopback",
  what: "Connects to a granted name that resolves to the loopback, as a rebinding name server " +
    "makes it; the deny list of internal addresses is asked about what the name resolved to.",
  advisory: "GHSA-cpgj-f7g3-2pp2",
  module: js`
    export default {
      async run(at, ctx) {
        return await (await fetch("http://localhost:" + at.tcpPort + "/?secret")).text();
      },
    };`,
  rights: (at) => named(at, false),
  expect: denied("net"),
  control: alteredCell("`internal: true` for the name", { rights: (at) => named(at, true) }),
  proof: canaryHit("tcp"),
} satisfies Attack;
