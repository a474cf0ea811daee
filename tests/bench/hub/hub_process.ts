/**
 * The hub of `deno task bench:hub`, in a process of its own, so that its memory is its own.
 *
 * @module
 */
import type { PublicKey } from "../../../runtime/core/documents/common.ts";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import { type Hub, SCOPES, startHub } from "../../../runtime/hub/mod.ts";
import { instant } from "../../agent/fixture.ts";
import { type FromHubProcess, linesFrom, say, type ToHubProcess } from "./wire.ts";

const TENANT = "bench";
const DAY_MS = 24 * 3_600_000;

const [stateDir = "", port = "0", database] = Deno.args;
const hub = await startHub({
  stateDir,
  listen: { hostname: "127.0.0.1", port: Number(port) },
  ...(database && { database }),
});
await takeIn(hub);
const { token } = await hub.services.tokens.create(TENANT, "system", {
  ...{ name: "bench", scopes: SCOPES },
});
tell({ ready: { url: hub.url, id: hub.id, token } });
for await (const asked of linesFrom<ToHubProcess>(Deno.stdin.readable)) {
  if (asked.ask === "memory") tell({ memory: memory() });
  if (asked.ask === "enrol") tell({ enrolled: await enrol(asked.keys as PublicKey[]) });
  if (asked.ask === "rows") tell({ rows: await addRows(asked.count) });
}

function tell(message: FromHubProcess): void {
  say(message);
}

/** A tenant whose root lets the hub order; once. */
async function takeIn({ services, ordererOf }: Hub): Promise<void> {
  if ((await services.tenants.list()).length > 0) return;
  const signer = generateSigner();
  const only = (key: { publicKey: PublicKey }) => ({ keys: [key.publicKey], threshold: 1 });
  const root = {
    ...{ fleet: TENANT, version: 1, epoch: 1 },
    issued: instant(Date.now() - 60_000),
    expires: instant(Date.now() + 365 * DAY_MS),
    roles: { root: only(signer), accept: only(signer) },
    orderers: { hub: only(ordererOf(TENANT)) },
  };
  const roots = [sealDocument("root", root, [signer])];
  await services.tenants.create("system", { id: TENANT, roots, maxAgents: 100_000 });
}

/** Machines that are approved already; enrolling 10,000 is not what is measured. */
async function enrol(keys: readonly PublicKey[]): Promise<number> {
  await hub.services.database.transaction(async (tx) => {
    for (const key of keys) {
      await tx.run(
        `INSERT INTO agents (tenant, id, public_key, name, standing, enrolled)
         VALUES (?1, ?2, ?3, 'simulated', 'approved', ?4)`,
        [TENANT, keyId(key), key, Date.now()],
      );
    }
  });
  // As it looks every ten seconds who may come.
  await hub.round();
  return keys.length;
}

/** Deliveries of the past, as 1,000 orders of each agent would have left. */
async function addRows(count: number): Promise<number> {
  const { database } = hub.services;
  const agents = await database.all<{ id: string }>("SELECT id FROM agents ORDER BY id");
  for (let made = 0; made < count;) {
    const order = crypto.randomUUID();
    await database.run(
      `INSERT INTO orders (tenant, id, script, version, orderer, who, selection, created, expires)
       VALUES (?1, ?2, 'acme/past', '*', 'hub', 'system', '"all"', ?3, ?4)`,
      [TENANT, order, Date.now() - DAY_MS, Date.now()],
    );
    // In pieces, between which the hub hears its agents.
    for (let i = 0; i < agents.length && made < count; i += 500) {
      const some = agents.slice(i, i + 500);
      made += some.length;
      await addPast(order, some);
    }
  }
  return count;
}

async function addPast(order: string, agents: readonly { id: string }[]): Promise<void> {
  await hub.services.database.transaction(async (tx) => {
    for (const { id } of agents) {
      await tx.run(
        `INSERT INTO deliveries (tenant, agent, document, order_id, state, expires, run, outcome,
           outcome_kind, reported_run, reported_seq, events, updated)
         VALUES (?1, ?2, ?3, ?3, 'ended', ?4, 1, '{"outcome":"ok","result":null}', 'ok', 1, 3, 3,
           ?4)`,
        [TENANT, id, order, Date.now() - DAY_MS],
      );
    }
  });
}

function memory(): { rss: number; heap: number } {
  // Not what is garbage: `--expose-gc` stands in the command.
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed } = Deno.memoryUsage();
  return { rss, heap: heapUsed };
}
