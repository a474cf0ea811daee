import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "raw_pointer_read",
  what: "Makes a pointer out of a buffer and reads memory through it, without loading any " +
    "library.",
  advisory: "CVE-2022-24783",
  module: js`
    export default {
      async run(at, ctx) {
        const pointer = Deno.UnsafePointer.of(new Uint8Array([42]));
        return new Deno.UnsafePointerView(pointer).getUint8();
      },
    };`,
  expect: denied("ffi"),
  control: alteredCell("ffi granted", { rights: holding("ffi") }),
  proof: believed(42),
} satisfies Attack;
