import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { processDied } from "../proofs.ts";

export default {
  name: "pointer_after_free",
  what: "Reads through a pointer after what it points to was given back to the system.",
  advisory: "CVE-2024-27934",
  module: js`
    export default {
      async run(at, ctx) {
        const buffer = new ArrayBuffer(2 ** 26);
        const view = new Deno.UnsafePointerView(Deno.UnsafePointer.of(new Uint8Array(buffer)));
        buffer.transfer(0);
        return view.getUint8(2 ** 20);
      },
    };`,
  expect: denied("ffi"),
  control: alteredCell("ffi granted", { rights: holding("ffi") }),
  proof: processDied({ signal: "SIGSEGV" }),
} satisfies Attack;
