import assert from "node:assert/strict";
import fc from "fast-check";
import { canBeNamed, nameWithUuid, uuidIn } from "../../scripts/print/target/job_name.ts";

const UUID = "12ab34cd-0000-4000-8000-00000000000f";
const OTHER = "99ab34cd-0000-4000-8000-00000000000f";
const LONG = "Übersicht der Ausgaben für Prüfungsgebühren und Übungsräume der Universität, ".repeat(
  2,
);

/** The octets of a name that a printer keeps, cut wherever they end. */
function cutAt(octets: number, name: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(name).subarray(0, octets));
}

const OURS: readonly [what: string, name: string, said: string][] = [
  ["kept whole", "Report", `Report ${UUID}`],
  ["in capitals", "Report", `REPORT ${UUID.toUpperCase()}`],
  ["behind a user", "Report", `ada: Report ${UUID}`],
  ["cut within its UUID", "Report", "Report 12ab34cd-00"],
  ["cut within its title", "Quarterly report", "Quarterly"],
  ["cut within an ü", LONG, cutAt(28, LONG)],
  ["cut behind 127 octets", LONG, cutAt(127, nameWithUuid({ name: LONG, uuid: UUID }))],
  ["? in place of ü, and cut", LONG, LONG.replaceAll(/[^\p{ASCII}]/gu, "?").slice(0, 127)],
  ["cut behind a user", "Quarterly report", "ada: Quarterly rep"],
  ["nothing in ASCII, and cut", "報告書の一覧", "報告書"],
  ["nothing but ?", "報告書の一覧", "????"],
];

const STRANGERS: readonly [what: string, name: string, said: string][] = [
  ["another UUID", "Report", `Report ${OTHER}`],
  ["ours within another's title", "Report", `${UUID} ${OTHER}`],
  ["the same title by another way", "Report", "Report"],
  ["another title", "ours", "a stranger's"],
  ["one that begins with ours", "Quarterly report", "Quarterly report of a stranger"],
  ["one that ends as ours begins", "secret", "a stranger's"],
  ["another title that is cut", LONG, cutAt(127, "Stundenplan für Prüfungen ".repeat(9))],
  ["nothing in ASCII, and other letters", "報告書の一覧", "請求書"],
  ["nothing but ? for plain letters", "Report", "????"],
];

Deno.test("canBeNamed() knows a job by what printers make of its name", async (t) => {
  for (const [what, name, said] of OURS) {
    await t.step(what, () => assert.ok(canBeNamed(said, { name, uuid: UUID })));
  }
  for (const [what, name, said] of STRANGERS) {
    await t.step(`not by ${what}`, () => assert.ok(!canBeNamed(said, { name, uuid: UUID })));
  }
});

Deno.test("uuidIn() finds a job by its name, whatever it is called", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.uuid(), (name, uuid) => {
    assert.equal(uuidIn(nameWithUuid({ name, uuid })), uuid);
    assert.ok(canBeNamed(nameWithUuid({ name, uuid }), { name, uuid }));
  }));
});
