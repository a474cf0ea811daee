import assert from "node:assert/strict";
import { layOut } from "../../scripts/print/layout/lay_out.ts";
import type { LayoutWish } from "../../scripts/print/layout/wish.ts";
import { pdf } from "../print/documents.ts";
import { requireReal } from "./require_real.ts";

const real = requireReal(["gs"]);

/** Five pages, as an application writes them, that choose their paper anew each time. */
const PROGRAM = `%!PS-Adobe-3.0
/Helvetica findfont 24 scalefont setfont
1 1 5 {
  << /PageSize [595 842] >> setpagedevice
  72 720 moveto (Page ) show 2 string cvs show showpage
} for
%%EOF
`;

/** The words on each page, as the interpreter of printers finds them. */
async function wordsOf(gs: string, stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const dir = await Deno.makeTempDir({ prefix: "writ-layout-" });
  try {
    await Deno.writeFile(`${dir}/document`, stream);
    const { code, stderr } = await new Deno.Command(gs, {
      args: ["-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sPAPERSIZE=a4", "-sDEVICE=txtwrite"]
        .concat(`-sOutputFile=${dir}/page-%d`, `${dir}/document`),
      signal: AbortSignal.timeout(60_000),
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const names = [...Deno.readDirSync(dir)].map(({ name }) => name).filter((name) =>
      name.startsWith("page-")
    );
    const pages = names.sort().map((name) => Deno.readTextFileSync(`${dir}/${name}`));
    return pages.map(sorted);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Text that lies on its side is told in another sequence. */
function sorted(page: string): string {
  return page.trim().split(/\s+/).sort().join(" ");
}

Deno.test({
  name: "Ghostscript prints what layOut() makes: pages beside each other, a page before them",
  ignore: !real,
  async fn(t) {
    const documents = {
      "application/pdf": await pdf(5).bytes(),
      "application/postscript": new TextEncoder().encode(PROGRAM),
    };
    const banner = ["ada", "notes"];
    const cases: [Partial<LayoutWish>, string[]][] = [
      [{ up: 2 }, ["Page 1 Page 2", "Page 3 Page 4", "Page 5"]],
      [{ up: 4 }, ["Page 1 Page 2 Page 3 Page 4", "Page 5"]],
      [{ up: 4, banner, bothSides: true }, [
        ...["ada notes", "", "Page 1 Page 2 Page 3 Page 4", "Page 5"],
      ]],
      [{ banner }, ["ada notes", "Page 1", "Page 2", "Page 3", "Page 4", "Page 5"]],
    ];
    for (const [format, bytes] of Object.entries(documents)) {
      for (const [wish, expected] of cases) {
        await t.step(`${format} ${JSON.stringify(wish)}`, async () => {
          const stream = () => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
          const document = { length: bytes.length, bytes: () => Promise.resolve(bytes), stream };
          const whole = { up: 1, banner: undefined, bothSides: false, ...wish };
          assert.deepEqual(
            await wordsOf(real!.gs, await layOut(document, format, whole)),
            expected.map(sorted),
          );
        });
      }
    }
  },
});
