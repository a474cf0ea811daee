/**
 * A durable key-value store of this script's own. Every write resolves when it is on disk. Keys are
 * text of at most 512 bytes, values JSON of at most 64 kB.
 */
export interface Store {
  get<Value = unknown>(key: string): Promise<Value | undefined>;
  set(key: string, value: unknown): Promise<void>;
  /** @returns Whether there was one. */
  delete(key: string): Promise<boolean>;
  /** Entries ordered by key, at most `limit` of them (1,000 by default, which is the most). */
  list<Value = unknown>(options?: StoreListOptions): Promise<{ key: string; value: Value }[]>;
  /**
   * Does all writes, or none.
   *
   * @returns `false` when a check did not hold: nothing is written then.
   */
  batch(writes: readonly StoreWrite[], checks?: readonly StoreCheck[]): Promise<boolean>;
  /**
   * Adds to a number; one that is not there counts as 0.
   *
   * @param by Default: 1.
   * @returns The new number.
   */
  add(key: string, by?: number): Promise<number>;
}

/** Which entries {@linkcode Store.list} gives. */
export interface StoreListOptions {
  prefix?: string;
  /** Only keys that come after this one. */
  after?: string;
  limit?: number;
}

/** One write of {@linkcode Store.batch}. */
export type StoreWrite = { set: string; value: unknown } | { delete: string };

/** What {@linkcode Store.batch} makes sure of first; `undefined` means that there is no such key. */
export interface StoreCheck {
  key: string;
  equals: unknown;
}

/** What a document is put together from. */
export type BlobPart = ReadableStream<Uint8Array> | Uint8Array | string;

/** Documents of this script's own, named by their hash, each kept once. */
export interface Blobs {
  /**
   * Keeps a document; a stream is read as fast as it is written to disk. Of a list, one goes after
   * another. The body of the request that is answered, as far as nobody has read it, goes to disk
   * without coming to the script: as the last of a list, with what was read of it before.
   *
   * @param options.most The longest that is taken, bytes; above that it fails as `too_long`.
   * @param options.record Written to the store in the same moment: there are both, or neither.
   */
  put(
    body: BlobPart | readonly BlobPart[],
    options?: { mediaType?: string; most?: number; record?: BlobRecord },
  ): Promise<{ sha256: string; length: number }>;
  get(sha256: string): Promise<StoredBlob | undefined>;
  /** @returns Whether there was one. */
  delete(sha256: string): Promise<boolean>;
  list(): Promise<{ sha256: string; length: number }[]>;
  /**
   * Offers a document to the agents that the policy names as peers. Needs the grant's `peers`.
   *
   * @returns The digest of its chunk list: whoever is told it can `pull` the document.
   */
  share(sha256: string): Promise<{ list: string }>;
  /**
   * Gets a document that another agent shares, by chunks and from all who have it, and keeps it.
   * How far it is shows as the run's progress. Needs the grant's `peers`.
   *
   * @param options.most Bytes; a longer one is not begun.
   */
  pull(
    list: string,
    options?: { mediaType?: string; most?: number },
  ): Promise<{ sha256: string; length: number }>;
}

/** An entry of the store that comes with a document. Needs the grant's `store`. */
export interface BlobRecord {
  key: string;
  /** An object, of what is JSON. */
  value: object;
  /** Which property of the value becomes what `put` returns. */
  as: string;
  /** One that does not hold keeps both away: `conflict`. */
  checks?: readonly StoreCheck[];
}

/** A document that is kept. */
export interface StoredBlob {
  readonly sha256: string;
  /** Bytes. */
  readonly length: number;
  readonly mediaType: string;
  /** The document in chunks, read as they are taken; from `offset`, 0 by default. */
  stream(offset?: number): ReadableStream<Uint8Array>;
  /** The whole document. */
  bytes(): Promise<Uint8Array>;
}

/** A folder of this script's own, to read and write with `Deno` or `node:fs`. */
export interface Dir {
  readonly path: string;
}

/** What this script tells the agent's hub of its machine. Names are small letters, digits and `_.-`. */
export interface HubNotes {
  /**
   * Keeps a fact told: at most 20 of a script, each of 2,000 characters of JSON. `null` ends it.
   * Fails as `quota`, or as `unavailable` where the policy names no hub.
   */
  fact(name: string, value: unknown): Promise<void>;
  /**
   * Tells of an event until the hub has stored it, however long that takes. Resolves when that is on
   * disk here. At most 1,000 wait, each of 4,000 characters of JSON; fails as {@linkcode fact} does.
   */
  inform(name: string, data?: unknown): Promise<void>;
  /** Tells of an event once, or not at all. @returns Whether a hub was connected to hear it. */
  trap(name: string, data?: unknown): Promise<boolean>;
}

/** The virus scanner of this machine. Where its databases lie is the grant's to say. */
export interface Scanner {
  status(): Promise<ScannerStatus>;
  /** What the vendor's own tool says of a database: a blob of this script, named `daily.cvd`, say. */
  verify(file: ScannerFile): Promise<{ good: boolean; version: number }>;
  /**
   * Makes a generation of these files, tests it, and has the scanner use it: whole databases are
   * brought up to date by freshclam from this script's endpoint, lists are used as they are. Where
   * anything fails, the generation before stays in use.
   */
  install(files: readonly ScannerFile[]): Promise<ScannerChange>;
  /** Has the scanner use the generation before. */
  rollback(): Promise<ScannerChange>;
}

/** A blob of this script, with the name that scanners know such a file by. */
export interface ScannerFile {
  readonly name: string;
  readonly sha256: string;
}

/** What the scanner has. */
export interface ScannerStatus {
  readonly folder: string;
  /** Which programs of ClamAV are installed. */
  readonly programs: Readonly<Record<"clamscan" | "freshclam" | "sigtool", boolean>>;
  readonly current: ScannerGeneration | null;
  /** What a rollback leads to. */
  readonly previous: ScannerGeneration | null;
}

/** Databases that were tested, and put to use, as a whole. */
export interface ScannerGeneration {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly made: number;
  /** Whether a scan with it found the canary, and nothing else. */
  readonly tested: boolean;
  /** Digests of what it was made of, by name. */
  readonly sources: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

/** How a generation came into use. */
export interface ScannerChange extends ScannerStatus {
  /** Whether clamd was told; `null` where the grant names none. */
  readonly reloaded: boolean | null;
  /** What freshclam complained of, where it found another way. */
  readonly said?: string;
}

/** The same script on other agents. */
export interface Peers {
  list(): Promise<Peer[]>;
  /** Orders this script on another agent, in this agent's name; its policy decides. */
  order(peer: string, input: unknown, options?: PeerOrderOptions): Promise<{ run: number }>;
  /**
   * Asks this script's endpoint on another agent, by GET. That agent's grant must admit `peers`; it
   * is told who asks. What comes back was signed by it, and has at most 256 KiB.
   *
   * @param path Below the endpoint, such as `/inventory`.
   */
  fetch(peer: string, path: string): Promise<Response>;
  /** How a run that was ordered so is doing. */
  run(peer: string, run: number): Promise<PeerRun>;
}

/** An agent that this one knows. */
export interface Peer {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  /** This agent itself. */
  readonly self: boolean;
}

/** How {@linkcode Peers.order} orders. */
export interface PeerOrderOptions {
  /** Blobs of this script that go with the order. */
  attachments?: readonly { name: string; sha256: string; mediaType?: string }[];
  /** Two orders with the same key are one. */
  idempotencyKey?: string;
  /** Runs with the same key go one after another. */
  queueKey?: string;
  /** How long the order is good, milliseconds. */
  expiresMs?: number;
}

/**
 * A stream of messages between the instances of this script on several agents, open as long as the
 * run or request that opened it. Iterating gives what happens: messages of one agent in their
 * sequence, each once. What was sent while two agents were not connected is not made up for: send
 * what counts anew when one has `joined`.
 */
export interface Channel extends AsyncIterable<ChannelEvent> {
  readonly name: string;
  /** Ids of the agents that are connected now. */
  peers(): Promise<string[]>;
  /**
   * Sends to one agent, or to all that are connected, and resolves when each has room for it. Who
   * takes nothing for 15 seconds is cut off.
   *
   * @param data Bytes go as bytes, anything else as JSON; at most 256 KiB.
   * @param options.to An agent's id or name.
   * @returns To how many it went.
   */
  send(data: unknown, options?: { to?: string }): Promise<number>;
  close(): Promise<void>;
}

/** What happens on a {@linkcode Channel}. */
export type ChannelEvent =
  | { readonly type: "joined"; readonly peer: string }
  | { readonly type: "left"; readonly peer: string }
  | {
    readonly type: "message";
    readonly peer: string;
    /** Bytes, or JSON; the other side's, so check it. */
    readonly data: unknown;
  };

/** A run on another agent. */
export interface PeerRun {
  readonly state: "accepted" | "running" | "ended";
  /** Once it has ended: `{ outcome: "ok", result }`, or another outcome with its `detail`. */
  readonly outcome?: {
    readonly outcome: string;
    readonly result?: unknown;
    readonly detail?: unknown;
  };
}
