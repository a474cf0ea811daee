import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { processDied } from "../proofs.ts";

export default {
  name: "pointer_into_shrunk_buffer",
  what: "Shrinks a buffer while native code holds a pointer into it, which Deno once handed out " +
    "without a right; the memory behind it is read when it is no longer the buffer's.",
  advisory: "CVE-2023-28445",
  module: js`
    export default {
      async run(at, ctx) {
        const buffer = new ArrayBuffer(2 ** 20, { maxByteLength: 2 ** 20 });
        const view = new Deno.UnsafePointerView(Deno.UnsafePointer.of(new Uint8Array(buffer)));
        buffer.resize(0);
        return view.getUint8(2 ** 19);
      },
    };`,
  expect: denied("ffi"),
  control: alteredCell("ffi granted", { rights: holding("ffi") }),
  proof: processDied({ signal: "SIGSEGV" }),
} satisfies Attack;
