// Runs where the folder given as argument is a file system of 1 MB. Prints, as one JSON object, what
// the scanner's programs made of good files there while it was full, and when it was no more.
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { file, increments, ordered, refused, SETTINGS, withVersion } from "./machine.ts";

const [folder] = Deno.args as [string];
const BLOCK = 4_096;
/** Enough for the databases, and too few for what freshclam unpacks of them. */
const FREE_BLOCKS = 6;

await withVersion(`${folder}/scanner`, 1);
const scanner = `{ folder: ${folder}/scanner }`;
const settings = { ...SETTINGS, every: 600 };
await using office = await SignatureOffice.open([{ name: "a", peers: [], scanner }], settings);
fill(`${folder}/filler`);
const news = [...increments(), file("test.cvd", "test-6.cvd")];
const { message } = await refused(office, "a", { do: "publish" }, news);
await Deno.remove(`${folder}/filler`);
const { used } = await ordered(office, "a", { do: "sync" });
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify({ message, used })));

function fill(path: string): void {
  using filler = Deno.openSync(path, { write: true, createNew: true });
  try {
    while (true) filler.writeSync(new Uint8Array(BLOCK));
  } catch {
    filler.truncateSync(filler.statSync().size - FREE_BLOCKS * BLOCK);
  }
}
