import assert from "node:assert/strict";
import { followingSign } from "../../scripts/co-browse/guest/following_sign.ts";
import { signOf } from "../../scripts/co-browse/host/sign.ts";
import { SessionStage } from "./session_stage.ts";

Deno.test("signOf() says who sees the browser, and nothing while nobody does", () => {
  const stage = new SessionStage();
  assert.equal(signOf(stage.session.people), null);
  const ben = stage.comes({ name: "Ben" });
  assert.equal(signOf(stage.session.people), null);
  stage.session.admit(ben.guest.id);
  assert.equal(signOf(stage.session.people), "Shared with “Ben”");
  stage.session.give(ben.guest.id);
  assert.equal(signOf(stage.session.people), "Shared with “Ben” · “Ben” has control");
  for (const name of ["Cleo", "Dora", "Emil"]) stage.joins({ name });
  assert.equal(
    signOf(stage.session.people),
    "Shared with “Ben”, “Cleo”, “Dora” and 1 more · “Ben” has control",
  );
  stage.session.lost(ben.guest, ben.connection);
  assert.equal(signOf(stage.session.people), "Shared with “Cleo”, “Dora”, “Emil”");
});

Deno.test("signOf() keeps a name apart from what it says itself", () => {
  const stage = new SessionStage();
  stage.joins({ name: "nobody” · “p0" });
  assert.equal(signOf(stage.session.people), "Shared with “nobody · p0”");
});

Deno.test("signOf() counts people whose names have no room", () => {
  const stage = new SessionStage();
  for (const letter of ["a", "b", "c"]) stage.joins({ name: letter.repeat(40) });
  assert.equal(signOf(stage.session.people), "Shared with 3 people");
});

Deno.test("followingSign() says whom a browser follows, and what is wrong there", () => {
  const stage = new SessionStage();
  const { guest } = stage.joins({ name: "Ben" });
  const { people } = stage.session;
  const signs = ([
    { people: [] },
    {},
    { holder: guest.id },
    { holder: guest.id, browser: "gone" },
    { browser: "silent" },
    { browser: "answers" },
  ] as const).map((known) =>
    followingSign({ people, holder: "p0", you: guest.id, browser: "back", ...known })
  );
  assert.deepEqual(signs, [
    null,
    "You follow “Anna”",
    "You drive the browser of “Anna”",
    "The browser of “Anna” is gone; it is started again",
    "The page of “Anna” does not answer",
    "You follow “Anna”",
  ]);
});
