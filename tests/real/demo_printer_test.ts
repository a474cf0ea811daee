import assert from "node:assert/strict";
import { IppPrinter } from "../../runtime/cli/demo/ipp_printer.ts";
import { jpeg, pdf } from "../print/documents.ts";
import { requireReal } from "./require_real.ts";

const SUITES = "/usr/share/cups/ipptool";
const real = requireReal(["ipptool"]);

Deno.test({
  name: "the demo's printer passes CUPS's suites for IPP/1.1 and 2.0",
  ignore: !real,
  async fn() {
    await using printer = new IppPrinter();
    const directory = await Deno.makeTempDir({ prefix: "writ-ipptool-" });
    try {
      // The second suite includes the first.
      const suites = ["ipp-1.1.test", "ipp-2.0.test"];
      for (const suite of suites) {
        await Deno.copyFile(`${SUITES}/${suite}`, `${directory}/${suite}`);
      }
      // They print documents that Debian does not ship: ours stand in for them.
      const text = await Deno.readTextFile(`${directory}/${suites[0]}`);
      for (const [, name] of text.matchAll(/^\s*FILE ([\w.-]+)$/gm)) {
        const document = name!.endsWith(".jpg") ? jpeg() : pdf();
        await Deno.writeFile(`${directory}/${name}`, await document.bytes());
      }
      await Deno.writeFile(`${directory}/report.pdf`, await pdf().bytes());
      const { code, stdout } = await new Deno.Command(real!.ipptool, {
        // deno-fmt-ignore
        args: ["-tIf", "report.pdf", "-d", "filetype=application/pdf", printer.uri, suites[1]!],
        cwd: directory,
        clearEnv: true,
        signal: AbortSignal.timeout(60_000),
      }).output();
      const report = new TextDecoder().decode(stdout);
      const verdicts = (word: string) => report.split(`[${word}]`).length - 1;
      assert.equal(verdicts("FAIL"), 0, report);
      assert.equal(code, 0, report);
      assert.ok(verdicts("PASS") >= 30, report);
      assert.ok(printer.jobs.length > 0);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
