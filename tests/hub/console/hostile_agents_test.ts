import assert from "node:assert/strict";
import { consoleFixture } from "./fixture.ts";

/** What an agent that hates its console would say of itself. */
const ATTACKS = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)`,
  `javascript:alert(1)`,
  `</title></textarea></pre><svg onload=alert(1)>`,
  `'; DROP TABLE agents; --`,
  `" OR 1=1 --`,
  `=cmd|' /C calc'!A0`,
  `{{constructor.constructor('alert(1)')()}}`,
  `\u202egnp.exe`,
  `a\u0000b\u001b[31m`,
  "x".repeat(5_000),
];
const AGENT = `writ-key:${"A".repeat(43)}`;

Deno.test("no field of an agent becomes markup, script, address or SQL", async (t) => {
  await using hub = await consoleFixture();
  const visit = await hub.enter("ada");
  for (const [i, attack] of ATTACKS.entries()) {
    await t.step(JSON.stringify(attack.slice(0, 50)), async () => {
      const id = `writ-key:${String(i).padStart(43, "A")}`;
      await hub.agent({ id, name: attack, version: attack, deno: attack, warning: attack });
      await hub.database.run(
        "INSERT INTO facts (tenant, agent, name, value, at, script) VALUES ('acme', ?1, ?2, ?3, 1, ?4)",
        [id, attack, JSON.stringify(attack), attack],
      );
      await hub.database.run(
        "INSERT INTO facts (tenant, agent, name, value, at, script) VALUES ('acme', ?1, 'all', ?2, 1, '')",
        [id, JSON.stringify({ [attack]: attack, list: [attack] })],
      );
      // One that waits, and may be the first.
      const like = `writ-key:${String(i).padStart(43, "B")}`;
      await hub.agent({ id: like, name: attack, standing: "pending" });
      await hub.database.run("UPDATE agents SET called = lower(name)");
      const pages = [
        "/",
        "/agents",
        `/agents/${encodeURIComponent(like)}`,
        `/agents/${encodeURIComponent(id)}`,
      ];
      const search = `/agents?${new URLSearchParams({ search: attack, label: attack })}`;
      for (const path of [...pages, search]) {
        const { status, text } = await visit.open(path);
        assert.equal(status, 200, path);
        assert.deepEqual(markupOf(text), [], path);
        if (path !== search) assert.deepEqual(invisibleIn(text), [], path);
      }
    });
  }
  assert.equal((await hub.agents.overview("acme")).total, 2 * ATTACKS.length);
});

Deno.test("no field of an address becomes markup", async (t) => {
  await using hub = await consoleFixture();
  const visit = await hub.enter("ada");
  await hub.agent({ id: AGENT });
  for (const attack of ATTACKS.slice(0, 6)) {
    const said = encodeURIComponent(attack);
    const paths = [
      `/agents/${said}`,
      `/agents?after=${said}&label=${said}&search=${said}&standing=${said}`,
      `/audit?who=${said}&action=${said}&subject=${said}`,
      `/orders?script=${said}`,
      `/orders/${said}`,
      `/scripts/${said}/${said}?version=${said}&against=${said}`,
      `/sign-in?next=${said}&fleet=${said}`,
      `/?done=${said}`,
      `/enrol?replaces=${said}`,
      `/${said}`,
    ];
    for (const path of paths) {
      await t.step(path.slice(0, 60), async () => {
        assert.deepEqual(markupOf((await visit.open(path)).text), []);
      });
    }
  }
});

Deno.test("markupOf() and invisibleIn() find what would have got through", () => {
  assert.notDeepEqual(markupOf(`<p>${ATTACKS[0]}</p>`), []);
  assert.notDeepEqual(markupOf(`<p title="${ATTACKS[1]}">`), []);
  assert.notDeepEqual(markupOf(`<a href="${ATTACKS[3]}">`), []);
  assert.notDeepEqual(markupOf(`<p title=${ATTACKS[2]}>`), []);
  assert.notDeepEqual(invisibleIn("a\u202eb"), []);
});

/** What in a page could only come from an attack; of tags all but what stands between quotes. */
function markupOf(html: string): string[] {
  const bare = html.replace(/="[^"]*"/g, '=""');
  return [
    ...found(html, /<script(?! type="module" src="\/assets\/)[^>]*>/i),
    ...found(html, /<img(?! src="\/assets\/)[^>]*>/i),
    ...found(html, /(?:href|src|action)="(?!\/|\?|#|[a-z]+\/?")[^"]*"/i),
    ...found(bare, /<[^>]*\son\w+=/i),
    ...found(bare, /<[^>]*'/),
  ];
}

/** What a page would obey rather than show. */
function invisibleIn(html: string): string[] {
  return found(html, /.{0,40}[[\p{Cc}--[\t\n]]\u202a-\u202e\u2066-\u2069]/v);
}

function found(text: string, fault: RegExp): string[] {
  return fault.exec(text)?.slice(0, 1) ?? [];
}
