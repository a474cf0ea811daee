import * as v from "valibot";
import { digestSchema, type KeyId, type ScriptName } from "../core/documents/common.ts";
import type { Attachment } from "../core/documents/order.ts";
import type { PeerEntry } from "../policy/mod.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import type { BlobShelf } from "./blob_shelf.ts";
import { notFound } from "./blobs.ts";
import { type Capability, type Method, readParams } from "./capability.ts";
import type { Database } from "./database.ts";
import type { PeerClient } from "./peer_client.ts";
import { orderedPeerRun, rememberPeerRun } from "./peer_runs.ts";

/** How long an order is good where the script says nothing. */
const EXPIRES_MS = 3_600_000;
const MAX_EXPIRES_MS = 30 * 86_400_000;

const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const orderSchema = v.strictObject({
  peer: shortText,
  input: v.unknown(),
  options: v.optional(v.strictObject({
    attachments: v.optional(v.pipe(
      v.array(v.strictObject({
        name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
        sha256: digestSchema,
        mediaType: v.optional(v.pipe(v.string(), v.maxLength(255))),
      })),
      v.maxLength(64),
    )),
    idempotencyKey: v.optional(shortText),
    queueKey: v.optional(shortText),
    expiresMs: v.optional(v.pipe(v.number(), v.minValue(1_000), v.maxValue(MAX_EXPIRES_MS))),
  })),
});
/** What `ctx.peers.fetch` may ask for: a path that the URL's parser leaves as it is. */
const fetchSchema = v.strictObject({
  peer: shortText,
  path: v.pipe(
    v.string(),
    v.maxLength(1_000),
    v.regex(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/, "must be a path, with a query at most"),
    v.check((path) => !/(?:^|\/)(?:\.|%2e){1,2}(?:[/?]|$)/i.test(path), "must not climb"),
  ),
});
const runSchema = v.strictObject({
  peer: shortText,
  run: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

/** What {@linkcode peersCapability} works with. */
export interface PeersParts {
  readonly db: Database;
  readonly shelf: BlobShelf;
  readonly client: PeerClient;
  /** This agent's id. */
  readonly agent: KeyId;
  /** Other agents, as the policy of this moment lists them. */
  peers(): readonly PeerEntry[];
  /** This agent's labels. */
  labels(): readonly string[];
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * The same script on other agents. An order is signed by this agent's key; whether it counts is
 * for the policy over there to say, which must name that key as an orderer.
 */
export function peersCapability(
  parts: PeersParts,
  script: ScriptName,
  version: string,
): Capability {
  const peers = new ScriptPeers(parts, script, version);
  return {
    name: "peers",
    shown: {},
    methods: new Map<string, Method>([
      ["peers.list", () => Promise.resolve({ value: peers.list() })],
      ["peers.order", ({ params, signal }) => peers.order(params, signal)],
      ["peers.fetch", ({ params, signal }) => peers.fetch(params, signal)],
      ["peers.run", ({ params, signal }) => peers.run(params, signal)],
    ]),
  };
}

class ScriptPeers {
  readonly #parts: PeersParts;
  readonly #script: ScriptName;
  readonly #version: string;

  constructor(parts: PeersParts, script: ScriptName, version: string) {
    this.#parts = parts;
    this.#script = script;
    this.#version = version;
  }

  list() {
    const { agent, peers, labels } = this.#parts;
    const others = peers().filter(({ id }) => id !== agent);
    const own = peers().find(({ id }) => id === agent);
    return [
      { id: agent, name: own?.name ?? "self", labels: labels(), self: true },
      ...others.map(({ id, name, labels }) => ({ id, name, labels, self: false })),
    ];
  }

  async order(params: unknown, signal: AbortSignal) {
    const { peer: name, input, options = {} } = readParams(orderSchema, params);
    const { db, client, now } = this.#parts;
    const peer = this.#find(name);
    const attachments = (options.attachments ?? []).map((asked) => this.#attachment(asked));
    const { expiresMs = EXPIRES_MS, idempotencyKey, queueKey } = options;
    const run = await client.order(peer, {
      // Its own version stands there for prereleases, which no other range lets in.
      script: { name: this.#script, range: `* || ${this.#version}` },
      input: input ?? null,
      attachments,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(queueKey !== undefined && { queueKey }),
    }, {
      expiresMs,
      signal,
      open: ({ sha256, length }) => this.#stream(sha256, length),
    });
    await rememberPeerRun(db, { script: this.#script, peer: peer.id, run }, now());
    return { value: { run } };
  }

  async fetch(params: unknown, signal: AbortSignal) {
    const { peer, path } = readParams(fetchSchema, params);
    const below = `/s/${this.#script}${path}`;
    const { status, body } = await this.#parts.client.fetch(this.#find(peer), below, signal);
    return { value: { status }, body };
  }

  async run(params: unknown, signal: AbortSignal) {
    const { peer: name, run } = readParams(runSchema, params);
    const peer = this.#find(name);
    if (!orderedPeerRun(this.#parts.db, { script: this.#script, peer: peer.id, run })) {
      const message =
        `Cannot ask after run ${run} of "${peer.name}" as this script did not order it`;
      throw new CapabilityError("not_found", message);
    }
    return { value: await this.#parts.client.run(peer, run, signal) };
  }

  #find(name: string): PeerEntry {
    const peer = this.#parts.peers().find((entry) => entry.name === name || entry.id === name);
    if (peer && peer.id !== this.#parts.agent) return peer;
    throw new CapabilityError("not_found", `Cannot find a peer of this name: ${name}`);
  }

  #attachment(
    { name, sha256, mediaType }: {
      name: string;
      sha256: Attachment["sha256"];
      mediaType?: string | undefined;
    },
  ): Attachment {
    const entry = this.#parts.shelf.find(this.#script, sha256);
    if (!entry) throw notFound(sha256);
    return { name, sha256, length: entry.length, mediaType: mediaType ?? entry.mediaType };
  }

  #stream(sha256: Attachment["sha256"], length: number): ReadableStream<Uint8Array> {
    const { shelf } = this.#parts;
    const script = this.#script;
    let offset = 0;
    return new ReadableStream({
      async pull(controller) {
        const size = Math.min(256 << 10, length - offset);
        if (size > 0) controller.enqueue(await shelf.read(script, sha256, offset, size));
        offset += size;
        if (offset >= length) controller.close();
      },
    });
  }
}
