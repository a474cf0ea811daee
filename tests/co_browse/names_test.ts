import assert from "node:assert/strict";
import { nameAmong, shownName } from "../../scripts/co-browse/session/names.ts";
import { SessionStage } from "./session_stage.ts";

Deno.test("shownName() keeps names of all scripts as they are", () => {
  for (const name of ["Ben", "Zoë", "Nguyễn Thị", "संजय", "محمد", "木村", "O'Neill-Smith", "🙂"]) {
    assert.equal(shownName(name), name);
  }
});

Deno.test("shownName() keeps nothing that cannot be seen, and no name of nothing else", () => {
  const unseen = [
    ...["\u3164", "\u115f", "\u2800", "\u17b4", "\u034f", "\ufe0f", "\u{e0fff}", "\ud800"],
    ...["\u200b", "\u202e", "\u00ad", "\n", "\u2028", "“", "\ue000"],
  ];
  for (const one of unseen) {
    const code = one.codePointAt(0)!.toString(16);
    assert.equal(shownName(one), "", code);
    assert.equal(shownName(`B${one}en${one}`), "Ben", code);
  }
  assert.equal(shownName("\u0300\u0301"), "");
  assert.equal(shownName(`A${"\u0300".repeat(39)}`), "A\u0300\u0300");
});

Deno.test("nameAmong() numbers who is called as somebody else", () => {
  assert.equal(nameAmong(["Anna"], "Ben"), "Ben");
  assert.equal(nameAmong(["Anna", "Ben"], "ben"), "ben (2)");
  assert.equal(nameAmong(["Anna", "Ｂｅｎ", "Ben (2)"], "Ben"), "Ben (3)");
  const long = "x".repeat(40);
  assert.equal(nameAmong([long], long), `${"x".repeat(36)} (2)`);
});

Deno.test("hello() lets nobody be called as the sharing person, or as another guest", () => {
  const stage = new SessionStage();
  for (const name of ["Anna", "Ben", "Ben", "\u3164"]) stage.joins({ name });
  const names = stage.session.people.map(({ name }) => name);
  assert.deepEqual(names, ["Anna", "Anna (2)", "Ben", "Ben (2)", "Guest 4"]);
});
