import { digestOf } from "../../runtime/core/digest.ts";
import type { Advert } from "../../runtime/core/documents/advert.ts";
import type { AcceptList } from "../../runtime/core/documents/acceptlist.ts";
import type { KeyId, PublicKey } from "../../runtime/core/documents/common.ts";
import type { Ceiling, Grant } from "../../runtime/core/documents/grant.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import type { Order } from "../../runtime/core/documents/order.ts";
import type { Documents } from "../../runtime/core/documents/parse.ts";
import type { Release } from "../../runtime/core/documents/release.ts";
import type { Role, Root } from "../../runtime/core/documents/root.ts";
import { type DocumentKind, sealDocument } from "../../runtime/core/dsse.ts";
import {
  type ExportableSigner,
  generateSigner,
  keyId,
  type Signer,
} from "../../runtime/core/key.ts";
import { type PolicyInForce, policyInForceFrom } from "../../runtime/core/policy_in_force.ts";

/** The time it is in tests, unless they say otherwise. */
export const NOW = Date.parse("2026-06-01T12:00:00Z");
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const MODULE = `import type { Script } from "writ";

export default {
  run(input: { name: string }) {
    return { greeting: "Hello, " + input.name };
  },
} satisfies Script<{ name: string }>;
`;

/** A fleet with one key for each part, and documents of it that verify until one is overridden. */
export interface Fleet {
  readonly now: number;
  readonly signers: Readonly<
    Record<
      "root" | "accept" | "releases" | "operator" | "publisher" | "agent",
      ExportableSigner
    >
  >;
  /** The agent's id; its signed label is `office`. */
  readonly agent: KeyId;
  /** The module of {@linkcode Fleet.manifest}: `acme/hello` 1.2.0, sequence 12. */
  readonly module: Uint8Array;
  readonly ceiling: Ceiling;
  root(overrides?: Partial<Root>): Root;
  list(overrides?: Partial<AcceptList>): AcceptList;
  grant(overrides?: Partial<Grant>): Grant;
  manifest(overrides?: Partial<Manifest>): Manifest;
  order(overrides?: Partial<Order>): Order;
  advert(overrides?: Partial<Advert>): Advert;
  release(overrides?: Partial<Release>): Release;
  /** Seals a document by the key that must sign its kind, or by `signers`. */
  seal<K extends DocumentKind>(
    kind: K,
    document: Documents[K],
    signers?: readonly Signer[],
  ): Uint8Array;
  /** The policy of {@linkcode Fleet.list} and {@linkcode Fleet.root}. */
  policy(overrides?: Partial<AcceptList>, root?: Partial<Root>): PolicyInForce;
}

/**
 * Makes a fleet with new keys.
 *
 * @param now Milliseconds since the epoch around which its documents are valid.
 * @param source The module, TypeScript.
 */
export function makeFleet(now = NOW, source = MODULE): Fleet {
  const signers = {
    root: generateSigner(),
    accept: generateSigner(),
    releases: generateSigner(),
    operator: generateSigner(),
    publisher: generateSigner(),
    agent: generateSigner(),
  };
  const agent = keyId(signers.agent.publicKey);
  const module = new TextEncoder().encode(source);
  const limits = {
    memoryBytes: 64_000_000,
    cpuMs: 2_000,
    wallMs: 10_000,
    outputBytes: 256_000,
    runs: 1,
  };
  const ceiling: Ceiling = {
    permissions: { net: [{ address: "printer.example:631", internal: true }] },
    limits: { ...limits, memoryBytes: 256_000_000, runs: 8 },
  };
  const signerOf: Record<DocumentKind, Signer> = {
    root: signers.root,
    acceptlist: signers.accept,
    manifest: signers.publisher,
    order: signers.operator,
    advert: signers.agent,
    release: signers.releases,
  };

  const fleet: Fleet = {
    now,
    signers,
    agent,
    module,
    ceiling,
    root: (overrides) => ({
      fleet: "demo",
      version: 1,
      epoch: 1,
      issued: instant(now - 30 * DAY),
      expires: instant(now + 365 * DAY),
      roles: {
        root: roleOf([signers.root]),
        accept: roleOf([signers.accept]),
        releases: roleOf([signers.releases]),
      },
      orderers: { operator: roleOf([signers.operator]) },
      ...overrides,
    }),
    list: (overrides) => ({
      fleet: "demo",
      epoch: 1,
      version: 1,
      issued: instant(now - DAY),
      expires: instant(now + 30 * DAY),
      prev: null,
      publishers: {
        acme: { keys: [{ key: signers.publisher.publicKey, state: "active" }], threshold: 1 },
      },
      accept: [{ script: "acme/hello", range: "^1.0.0" }],
      deny: [],
      grants: [fleet.grant()],
      labels: { [agent]: ["office"] },
      ...overrides,
    }),
    grant: (overrides) => ({
      script: "acme/hello",
      orders: ["operator"],
      permissions: {},
      limits,
      ...overrides,
    }),
    manifest: (overrides) => ({
      publisher: "acme",
      name: "hello",
      version: "1.2.0",
      sequence: 12,
      module: {
        sha256: digestOf(module),
        length: module.length,
        mediaType: "application/typescript",
      },
      requests: [],
      capabilities: [],
      runtime: ">=0.1.0",
      life: "fresh",
      idempotent: false,
      created: instant(now - 2 * DAY),
      ...overrides,
    }),
    order: (overrides) => ({
      id: crypto.randomUUID(),
      fleet: "demo",
      script: { name: "acme/hello", range: "^1.0.0" },
      input: { name: "Ada" },
      attachments: [],
      audience: { agents: [agent] },
      issued: instant(now - MINUTE),
      expires: instant(now + 10 * MINUTE),
      ...overrides,
    }),
    advert: (overrides) => ({
      key: signers.agent.publicKey,
      fleet: "demo",
      sequence: now,
      addresses: ["https://10.0.0.7:8443"],
      relays: [],
      groups: [],
      scripts: [],
      issued: instant(now - MINUTE),
      expires: instant(now + DAY / 2),
      ...overrides,
    }),
    release: (overrides) => ({
      fleet: "demo",
      sequence: 2,
      version: "0.2.0",
      deno: "2.9.6",
      targets: { "x86_64-unknown-linux-gnu": { sha256: digestOf(module), length: 4_096 } },
      issued: instant(now - MINUTE),
      expires: instant(now + 30 * DAY),
      ...overrides,
    }),
    seal: (kind, document, by = [signerOf[kind]]) => sealDocument(kind, document, by),
    policy: (overrides, root) =>
      policyInForceFrom(fleet.list(overrides), fleet.root(root), ceiling),
  };
  return fleet;
}

/** A role that these keys fill. */
export function roleOf(signers: readonly Signer[], threshold = 1): Role {
  return { keys: publicKeysOf(signers), threshold };
}

/** The public keys, in the same sequence. */
export function publicKeysOf(signers: readonly Signer[]): PublicKey[] {
  return signers.map((signer) => signer.publicKey);
}

/** RFC 3339 with whole seconds, as documents carry it. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
