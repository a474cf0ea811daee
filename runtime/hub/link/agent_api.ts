import { type Context, Hono } from "hono";
import * as v from "valibot";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { digestSchema } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import type { Signer } from "../../core/key.ts";
import { enrolRequestSchema } from "../../agent/hub_link/wire.ts";
import { contentDigest, requireSameDigest, signResponse } from "../../peer/mod.ts";
import { acceptSocket, SocketPlaces } from "../../peer/socket/mod.ts";
import type { Enrolment } from "../agents/enrolment.ts";
import { readBytes } from "../api/body.ts";
import { refuse } from "../api/refusal.ts";
import type { HubContent } from "../content/hub_content.ts";
import { HubError, notFound } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import { bytesOf, textOf } from "../lists/carried_documents.ts";
import type { Lists } from "../lists/lists.ts";
import type { Deliveries } from "../orders/deliveries.ts";
import type { Scripts } from "../scripts/scripts.ts";
import { rendezvousApi, type RendezvousApiOptions } from "../rendezvous/rendezvous_api.ts";
import type { AgentCall, AgentCalls } from "./agent_calls.ts";
import { LINK_ENDS } from "./agent_link.ts";
import type { Handshakes } from "./handshakes.ts";
import type { Links } from "./links.ts";

/** What {@linkcode createAgentApi} works with. */
export interface AgentApiOptions {
  calls: AgentCalls;
  links: Links;
  handshakes: Handshakes;
  enrolment: Enrolment;
  lists: Lists;
  deliveries: Deliveries;
  content: HubContent;
  scripts: Scripts;
  adverts: RendezvousApiOptions["adverts"];
  relays: RendezvousApiOptions["relays"];
  signer: Signer;
  now(): number;
}

/** A request of an agent to be enrolled. */
const ENROL_BYTES = 4_096;
/** Roots in one answer. */
const ROOTS_AT_ONCE = 2;
const SOCKET = {
  messageBytes: 256 << 10,
  queueBytes: 512 << 10,
  unsentBytes: 512 << 10,
  handshakeMs: 20_000,
} as const;

/**
 * What agents ask the hub for. Every call is signed for this hub, every answer by it; an agent gets
 * what is its own.
 */
export function createAgentApi(options: AgentApiOptions): Hono {
  const { calls, links, handshakes, enrolment, lists, deliveries, content, scripts, signer, now } =
    options;
  const app = new Hono().basePath("/agents/v1/:tenant");
  const places = new SocketPlaces({ total: HUB_LIMITS.LINKS, perPeer: 4 });
  app.onError((error, c) => refuse(c, error));

  const answer = (c: Context, bytes: Uint8Array, type = "application/json") =>
    signed(c, new Uint8Array(bytes), digestOf(bytes), type);
  const signed = (c: Context, body: BodyInit, digest: Digest, type: string) => {
    const headers = new Headers({ "content-type": type, "content-digest": contentDigest(digest) });
    signResponse({ status: 200, headers }, c.req.raw, { signer, now: now() });
    return new Response(body, { headers });
  };
  const approved = async (c: Context): Promise<AgentCall> => {
    const call = await calls.admit(tenantOf(c), c.req.raw);
    if (call.agent.standing === "approved") return call;
    throw new HubError("forbidden", `Cannot answer ${call.agent.id} as it waits for approval`);
  };

  app.get("/roots", async (c) => {
    calls.proven(c.req.raw);
    const after = Number(/^\d{1,9}$/.exec(c.req.query("after") ?? "")?.[0] ?? 0);
    const roots = await lists.roots(tenantOf(c), after, ROOTS_AT_ONCE);
    if (roots.length === 0 && after === 0) throw notFound("a tenant", tenantOf(c));
    return answer(c, json({ roots: roots.map(({ envelope }) => textOf(envelope)) }));
  });
  app.post("/enrol", async (c) => {
    const call = calls.proven(c.req.raw);
    const bytes = await readBytes(c, ENROL_BYTES);
    requireSameDigest(digestOf(bytes), call.digest ?? digestOf(new Uint8Array()));
    const request = readEnrolment(bytes);
    if (request.key !== call.key) {
      throw new HubError("bad_request", "Cannot enrol another key than the one that signed");
    }
    return answer(c, json(await enrolment.enrol(tenantOf(c), request)));
  });
  app.get("/link", async (c) => {
    const tenant = tenantOf(c);
    const end = await handshakes.begin(tenant, c.req.raw.signal);
    try {
      const { call, agent } = await calls.known(tenant, c.req.raw);
      const accepted = acceptSocket(c.req.raw, call.key, { signer, places, now: now(), ...SOCKET });
      accepted.socket.then(
        async (socket) => {
          if (agent.standing !== "revoked") return await links.open(socket, tenant);
          // It believes nobody but the hub itself that it is not wanted any more.
          const { code, reason } = LINK_ENDS.revoked;
          socket.close(code, reason);
        },
        () => {},
      ).finally(end);
      return accepted.response;
    } catch (error) {
      end();
      throw error;
    }
  });
  app.get("/acceptlist", async (c) => {
    const { agent } = await approved(c);
    const newest = await lists.of(tenantOf(c), agent.id);
    if (!newest) throw notFound("an accept-list", tenantOf(c));
    return answer(c, newest.envelope);
  });
  app.get("/orders/:order", async (c) => {
    return answer(c, await ownOrder(c));
  });
  app.get("/orders/:order/blobs/:digest", async (c) => {
    const { payload } = openEnvelope("order", await ownOrder(c));
    const { attachments } = parseDocument("order", payload);
    const attachment = attachments.find(({ sha256 }) => sha256 === c.req.param("digest"));
    const found = attachment && await content.open(tenantOf(c), attachment.sha256);
    if (!found) throw notFound("a document", c.req.param("digest"));
    return signed(c, found.body, attachment.sha256, "application/octet-stream");
  });
  for (const kind of ["modules", "releases"]) {
    app.get(`/source/v1/${kind}/:hex`, async (c) => {
      await approved(c);
      const digest = v.safeParse(digestSchema, `sha256:${c.req.param("hex")}`);
      const found = digest.success && await content.openForAgents(tenantOf(c), digest.output);
      if (!found) throw notFound(`one of the ${kind}`, c.req.param("hex"));
      return signed(c, found.body, digest.output, "application/octet-stream");
    });
  }
  app.get("/source/v1/manifests/:publisher/:name/:file", async (c) => {
    await approved(c);
    const name = `${c.req.param("publisher")}/${c.req.param("name")}`;
    const file = c.req.param("file").replace(/\.json$/, "");
    if (file !== "index") {
      return answer(c, (await scripts.manifest(tenantOf(c), name, file)).envelope);
    }
    const versions = await scripts.versions(tenantOf(c), name);
    if (versions.length === 0) throw notFound("a script", name);
    return answer(
      c,
      json({ versions: versions.map(({ version, sha256 }) => ({ version, sha256 })) }),
    );
  });

  const rendezvous = {
    ...options,
    approved,
    answer: (c: Context, body: unknown) => answer(c, json(body)),
  };
  app.route("/", rendezvousApi(rendezvous));

  async function ownOrder(c: Context): Promise<Uint8Array> {
    const { agent } = await approved(c);
    const order = c.req.param("order")!;
    const envelope = await deliveries.envelope(tenantOf(c), agent.id, order);
    if (envelope === undefined) throw notFound("an order", order);
    return bytesOf(envelope);
  }
  return app;
}

function tenantOf(c: Context): string {
  return c.req.param("tenant")!;
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** @throws {HubError} bad_request – it is no request to enrol */
function readEnrolment(bytes: Uint8Array): v.InferOutput<typeof enrolRequestSchema> {
  try {
    return v.parse(enrolRequestSchema, parseHostileJson(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new HubError("bad_request", "Cannot read the request to enrol", { cause });
  }
}
