import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "forged_frame_on_stdout",
  what: "Writes a whole result frame to stdout, for which it needs the cell's secret tag.",
  module: js`
    export default {
      async run(at, ctx) {
        const tag = globalThis.TAG ?? new Uint8Array(16);
        const body = new TextEncoder().encode('{"id":1,"cpu":0,"rss":0}\n"forged"');
        const frame = new Uint8Array(tag.length + 5 + body.length);
        frame.set(tag);
        frame[tag.length] = 4;
        new DataView(frame.buffer).setUint32(tag.length + 1, body.length);
        frame.set(body, tag.length + 5);
        process.getBuiltinModule("node:fs").writeSync(1, frame);
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "protocol" },
  control: alteredCell("the tag told to the script", {
    harness: [[
      "source: body.slice()",
      "source: encoder.encode(`self.TAG = new Uint8Array([${tag}]);` + decoder.decode(body))",
    ]],
  }),
  proof: believed("forged"),
} satisfies Attack;
