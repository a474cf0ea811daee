import { type Context, Hono } from "hono";
import * as v from "valibot";
import { digestOf } from "../../core/digest.ts";
import type { KeyId } from "../../core/documents/common.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import type { Signer } from "../../core/key.ts";
import {
  EXCHANGE_BYTES,
  EXCHANGE_PATH,
  exchangeSchema,
  readAdvert,
  RESOLVE_PATH,
  soughtSchema,
  writeAdverts,
} from "../../peer/membership/wire.ts";
import { requireSameDigest } from "../../peer/mod.ts";
import { RELAY_PATH, RELAY_SOCKET, WAYS_PATH } from "../../peer/relay/mod.ts";
import { acceptSocket, type PeerSocket, SocketPlaces } from "../../peer/socket/mod.ts";
import { readBytes } from "../api/body.ts";
import { HubError, notFound } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { AgentCall } from "../link/agent_calls.ts";
import type { Lists } from "../lists/lists.ts";
import type { Adverts } from "./adverts.ts";
import type { TenantRelays } from "./tenant_relays.ts";

/** What {@linkcode rendezvousApi} works with. */
export interface RendezvousApiOptions {
  adverts: Adverts;
  relays: TenantRelays;
  lists: Lists;
  signer: Signer;
  now(): number;
  /** The caller, when it is an agent that was approved. */
  approved(c: Context): Promise<AgentCall>;
  /** A signed answer. */
  answer(c: Context, body: unknown): Response;
}

/**
 * How agents of one tenant find and reach each other. The paths are those of agents among
 * themselves, so the hub is asked like one.
 */
export function rendezvousApi(options: RendezvousApiOptions): Hono {
  const { adverts, relays, lists, signer, now, approved, answer } = options;
  const app = new Hono();
  const places = new Map<string, SocketPlaces>();
  const placesOf = (tenant: string) => {
    const known = places.get(tenant) ??
      new SocketPlaces({ total: HUB_LIMITS.RELAY_SOCKETS, perPeer: 32 });
    places.set(tenant, known);
    return known;
  };

  const bodyOf = async <S extends v.GenericSchema>(c: Context, { call }: AgentCall, schema: S) => {
    const bytes = await readBytes(c, EXCHANGE_BYTES);
    requireSameDigest(digestOf(bytes), call.digest ?? digestOf(new Uint8Array()));
    try {
      return v.parse(schema, parseHostileJson(new TextDecoder().decode(bytes)));
    } catch (cause) {
      throw new HubError("bad_request", "Cannot read what an agent asks", { cause });
    }
  };
  const accept = (
    c: Context,
    { call }: AgentCall,
    then: (socket: PeerSocket) => Promise<void>,
  ): Response => {
    const places = placesOf(c.req.param("tenant")!);
    const settings = { signer, places, now: now(), ...RELAY_SOCKET };
    const { response, socket } = acceptSocket(c.req.raw, call.key, settings);
    // Who gave up in the handshake is not there to be told.
    socket.then(then).catch(() => {});
    return response;
  };

  app.post(EXCHANGE_PATH, async (c) => {
    const tenant = c.req.param("tenant")!;
    const caller = await approved(c);
    const [own] = (await bodyOf(c, caller, exchangeSchema)).adverts;
    const { root: { fleet } } = await lists.root(tenant);
    if (own !== undefined) await adverts.put(tenant, caller.agent.id, fleet, readAdvert(own));
    return answer(c, writeAdverts(await adverts.some(tenant, caller.agent.id)));
  });
  app.post(RESOLVE_PATH, async (c) => {
    const caller = await approved(c);
    const { agent } = await bodyOf(c, caller, soughtSchema);
    const found = await adverts.of(c.req.param("tenant")!, agent);
    return answer(c, { advert: found ? writeAdverts([found]).adverts[0]! : null });
  });
  app.get(RELAY_PATH, async (c) => {
    const tenant = c.req.param("tenant")!;
    const caller = await approved(c);
    if (!relays.hasPlace(tenant, caller.agent.id)) {
      throw new HubError("busy", "Cannot keep a connection as every place is taken");
    }
    return accept(c, caller, (socket) => relays.keep(tenant, socket));
  });
  app.get(`${WAYS_PATH}/:agent`, async (c) => {
    const tenant = c.req.param("tenant")!;
    const caller = await approved(c);
    const agent = c.req.param("agent")! as KeyId;
    if (!relays.hasWay(tenant, agent, caller.agent.id)) throw notFound("a way", agent);
    return accept(c, caller, (socket) => relays.pass(tenant, agent, socket));
  });
  return app;
}
