import assert from "node:assert/strict";
import type { FetchContext } from "../../runtime/sdk/mod.ts";
import { answer } from "../../scripts/virus-sigs/endpoint.ts";
import type { Status } from "../../scripts/virus-sigs/status.ts";
import { statusText } from "../../scripts/virus-sigs/status_text.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";

const MADE = "1970-01-01T00:00:00.000Z";
const STATUS: Status = {
  databases: [
    {
      name: "daily.cvd",
      version: 27001,
      verified: true,
      made: "2026-01-01T00:00:00.000Z",
      ageHours: 3,
      fresh: true,
    },
    {
      name: "office.hdb",
      version: 7,
      verified: false,
      made: "2025-12-01T00:00:00.000Z",
      ageHours: 743,
      fresh: null,
    },
  ],
  renewed: ["daily"],
  freshHours: 48,
  sla: { fresh: 1, of: 2 },
  scanner: {
    folder: "/srv/clamav",
    programs: { clamscan: true, freshclam: true, sigtool: true },
    current: { id: 4, made: MADE, tested: true, sources: {}, files: ["daily.cld"] },
    previous: { id: 3, made: MADE, tested: true, sources: {}, files: [] },
    uses: { daily: 27001, "office.hdb": 7 },
    refused: {},
    why: "Cannot use them\u001b[2J",
  },
  fleet: [{
    name: "back",
    seen: "2026-01-01T03:00:00.000Z",
    uses: { daily: 27000 },
    refused: {},
    ages: { daily: 27 },
    fresh: true,
    behind: ["daily"],
    differs: ["office.hdb"],
  }],
  banned: [{ peer: "writ-key:x", why: "daily.cvd: false", since: "2026-01-01T03:00:00.000Z" }],
};

Deno.test("statusText() shows what counts in lines that fit, and nothing that speaks to a terminal", () => {
  assert.equal(
    statusText(STATUS),
    `1 of 2 machines are fresh: they keep daily at most 48 h old

THIS MACHINE
uses  generation 4 of 1970-01-01T00:00:00.000Z, tested, rollback leads to 3
of    daily 27001, office.hdb 7
in    /srv/clamav
NOT USED: Cannot use them?[2J

daily.cvd   version 27001  3 h old      fresh              verified
office.hdb  version 7      31 days old  may be of any age  not verified

OTHERS
back  BEHIND in daily, DIFFERS in office.hdb  fresh  heard of 2026-01-01T03:00:00.000Z

BANNED
writ-key:x  since 2026-01-01T03:00:00.000Z  daily.cvd: false
`,
  );
});

Deno.test("statusText() says it where the scanner has no database, and where others have another", () => {
  const { scanner, fleet } = STATUS;
  const text = statusText({
    ...STATUS,
    scanner: { ...scanner!, current: { ...scanner!.current!, files: [] }, uses: {} },
    fleet: [{ ...fleet[0]!, behind: [] }],
  });
  assert.match(text, /^EMPTY: the scanner has no database there$/m);
  assert.match(text, /^back {2}DIFFERS in office\.hdb {2}fresh/m);
  assert.doesNotMatch(statusText(STATUS), /EMPTY/);
});

Deno.test("the endpoint tells its machine how it is, peers what there is, and nobody else either", async (t) => {
  const allowed = { "/": "here", "/status": "here", "/inventory": "peer" };
  for (const kind of ["loopback", "operator", "peer", "public"]) {
    const ctx = { store: memoryStore(), blobs: memoryBlobs(), caller: { kind } };
    for (const [path, whom] of Object.entries(allowed)) {
      const isAllowed = whom === "peer" ? kind === "peer" : ["loopback", "operator"].includes(kind);
      await t.step(`${path} for ${kind}`, async () => {
        const request = new Request(`http://agent${path}`);
        const { status } = await answer(request, ctx as unknown as FetchContext);
        assert.equal(status, isAllowed ? 200 : 404);
      });
    }
  }
});
