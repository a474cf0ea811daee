import assert from "node:assert/strict";
import { Spread } from "../../runtime/hub/link/spread.ts";
import { openHubDatabase } from "../../runtime/hub/database/open_database.ts";
import { HUB_LIMITS } from "../../runtime/hub/limits.ts";
import { TestHub } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const LONG_AGO = NOW - HUB_LIMITS.AWAY_MS;

testInBothStores("Spread.ms", {
  "is by all that may come, before any is connected": async (name) => {
    await using database = await openHubDatabase(name);
    let connected = 0;
    const spread = new Spread({ database, now: () => NOW, connected: () => connected });
    assert.equal(spread.ms, HUB_LIMITS.SPREAD_MS);
    await database.transaction(async (tx) => {
      for (let i = 0; i < 300; i++) {
        await tx.run(ADD_AGENT, [`new ${i}`, "approved", NOW, null]);
        await tx.run(ADD_AGENT, [`back ${i}`, "approved", LONG_AGO, NOW]);
        await tx.run(ADD_AGENT, [`away ${i}`, "approved", LONG_AGO, LONG_AGO]);
        await tx.run(ADD_AGENT, [`revoked ${i}`, "revoked", NOW, NOW]);
      }
    });
    await spread.recount();
    assert.equal(spread.ms, 600 / HUB_LIMITS.LINKS_PER_SECOND * 1_000);
    connected = 900;
    assert.equal(spread.ms, 900 / HUB_LIMITS.LINKS_PER_SECOND * 1_000);
  },
  "is told again to agents that came when there were few": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    assert.equal((await link.hear("standing")).spreadMs, HUB_LIMITS.SPREAD_MS);
    await hub.services.database.transaction(async (tx) => {
      for (let i = 0; i < 1_000; i++) {
        await tx.run(ADD_AGENT, [`new ${i}`, "approved", Date.now(), null]);
      }
    });
    await hub.hub.round();
    assert.equal((await link.hear("standing")).spreadMs, 2_002);
  },
});

const ADD_AGENT = `INSERT INTO agents (tenant, id, public_key, name, standing, enrolled, last_seen)
  VALUES ('acme', ?1, 'key', 'box', ?2, ?3, ?4)`;
