import assert from "node:assert/strict";
import type { BrowserEvent } from "../../runtime/sdk/mod.ts";
import { captured } from "../../scripts/co-browse/browser/captured.ts";
import { NavigationGate } from "../../scripts/co-browse/browser/navigation_gate.ts";
import { readInvitation, writeInvitation } from "../../scripts/co-browse/keys.ts";
import { readSettings } from "../../scripts/co-browse/settings.ts";

const at = { n: 1, at: 0, tab: 1 };
const navigation = { title: "", document: "d", applied: false };

Deno.test("captured() gives what the person did, without what others need not know", () => {
  const click = { type: "click", point: { path: "#a", x: 0.5, y: 0.5 } } as const;
  assert.deepEqual(captured({ ...at, ...click }), { ...click, tab: 1 });
  const url = "https://shop.example/";
  assert.deepEqual(captured({ ...at, type: "navigation", url, ...navigation }), {
    type: "navigation",
    url,
    tab: 1,
  });
});

Deno.test("captured() gives nothing of what was applied, is nobody's to follow, or has another shape", () => {
  const events: BrowserEvent[] = [
    { ...at, type: "navigation", url: "https://shop.example/", ...navigation, applied: true },
    { ...at, type: "navigation", url: "file:///etc/passwd", ...navigation },
    { ...at, type: "viewport", width: 800, height: 600 },
    { ...at, type: "focus", element: null, masked: true },
    { ...at, type: "mirror", document: "d", event: {} },
    { ...at, type: "browser", state: "gone" },
  ];
  for (const event of events) assert.equal(captured(event), undefined, event.type);
});

Deno.test("mustLoad() leaves a page alone that came by itself, and loads any other", async () => {
  const gate = new NavigationGate();
  assert.equal(await gate.mustLoad("https://a.example/", 0), true);
  gate.arrived("https://a.example/", 10);
  assert.equal(await gate.mustLoad("https://a.example/", 20), false);
  assert.equal(await gate.mustLoad("https://a.example/", 5_000), true, "somebody loaded it anew");
  gate.caused(6_000);
  const waiting = gate.mustLoad("https://b.example/", 6_001);
  gate.arrived("https://b.example/", 6_050);
  assert.equal(await waiting, false, "a click led there");
  gate.caused(8_000);
  assert.equal(await gate.mustLoad("https://c.example/", 8_001), true, "no click led there");
});

Deno.test("readSettings() takes what an admin may say, and no other word", () => {
  const settings = readSettings({ name: "Anna", control: "free", guests: 3, lease: 30 });
  assert.deepEqual(settings, {
    name: "Anna",
    isFree: true,
    guests: 3,
    invitationMs: 600_000,
    leaseMs: 30_000,
  });
  for (
    const wrong of [{ control: "always" }, { guests: 0 }, { guests: "3" }, { name: "" }, { x: 1 }]
  ) {
    assert.throws(() => readSettings(wrong), TypeError, JSON.stringify(wrong));
  }
});

Deno.test("readInvitation() reads what was written, and nothing else", () => {
  const [session, key] = ["0123456789abcdef", "a".repeat(48)];
  assert.deepEqual(readInvitation(writeInvitation(session, key)), { session, key });
  for (
    const wrong of ["", session, `${session}.${key}0`, `${session}.${key.toUpperCase()}`, null]
  ) {
    assert.equal(readInvitation(wrong), undefined);
  }
});
