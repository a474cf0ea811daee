import { CALL_BOUNDS, CapabilityError } from "../../sandbox/mod.ts";
import { type CapabilityCall, type Method, readParams } from "../capability.ts";
import {
  applySchema,
  drawSchema,
  frameSchema,
  listenerSchema,
  navigateSchema,
  openSchema,
  pageSchema,
  readSchema,
  sessionSchema,
  signSchema,
  snapshotSchema,
  streamSchema,
} from "./calls.ts";
import type { BrowserMethod } from "./methods.ts";
import { mirrorSource } from "./page/source.ts";
import { Screencast } from "./screencast.ts";
import type { ScriptBrowser } from "./script_browser.ts";
import type { Session } from "./session.ts";

const MOST = CALL_BOUNDS.chunkBytes;
/** Snapshots of one run or request that wait to be read. */
const MAX_SNAPSHOTS = 16;
/** Streams of one run or request. */
const MAX_STREAMS = 16;

/** A script's browser, as one run or request has it. */
export class LentBrowser {
  readonly #browser: ScriptBrowser;
  readonly #snapshots = new Map<string, Uint8Array>();
  readonly #streams = new Map<string, Screencast>();
  readonly methods: Readonly<Record<BrowserMethod, Method>>;

  constructor(browser: ScriptBrowser) {
    this.#browser = browser;
    this.methods = {
      open: (call) => this.#open(call),
      list: () => ({ value: browser.sessions.map(({ shown }) => shown) }),
      page: async ({ params, signal }) => {
        const { session, url } = readParams(pageSchema, params);
        return { value: { tab: await this.#session(session, signal).open(url) } };
      },
      navigate: async ({ params, signal }) => {
        const { session, to, tab } = readParams(navigateSchema, params);
        await this.#session(session, signal).navigate(to, tab);
        return {};
      },
      apply: async ({ params, signal }) => {
        const { session, input, seen } = readParams(applySchema, params);
        return { value: await this.#session(session, signal).apply(input, seen) };
      },
      listen: (call) => this.#listen(call),
      next: (call) => this.#next(call),
      unlisten: ({ params }) => {
        const { session, listener } = readParams(listenerSchema, params);
        browser.session(session)?.audience.leave(listener);
        return {};
      },
      state: async ({ params, signal }) => {
        const { session } = readParams(sessionSchema, params);
        return { value: await this.#session(session, signal).state() };
      },
      snapshot: (call) => this.#snapshot(call),
      read: ({ params }) => this.#read(params),
      stream: (call) => this.#stream(call),
      frame: (call) => this.#frame(call),
      unstream: async ({ params }) => {
        const { stream } = readParams(frameSchema, params);
        await this.#streams.get(stream)?.end();
        this.#streams.delete(stream);
        return {};
      },
      draw: async ({ params, signal }) => {
        const { session, kind, mark, at, look = {} } = readParams(drawSchema, params);
        await this.#session(session, signal).draw(kind, mark, at, look);
        return {};
      },
      sign: async ({ params, signal }) => {
        const { session, text } = readParams(signSchema, params);
        await this.#session(session, signal).appearance.change({ sign: text ?? "" });
        return {};
      },
      close: async ({ params }) => {
        const { session } = readParams(sessionSchema, params);
        await browser.session(session)?.close();
        return {};
      },
    };
  }

  async #open({ params, signal }: CapabilityCall) {
    const { url, size } = readParams(openSchema, params);
    const session = await this.#browser.open(url, size);
    session.usedBy(signal);
    return { value: { id: session.id } };
  }

  #listen({ params, signal }: CapabilityCall) {
    const { audience } = this.#session(readParams(sessionSchema, params).session, signal);
    const listener = audience.join();
    signal.addEventListener("abort", () => audience.leave(listener), { once: true });
    return { value: { listener } };
  }

  async #next({ params, signal }: CapabilityCall) {
    const { session: of, listener } = readParams(listenerSchema, params);
    const body = await this.#browser.session(of)?.audience.next(listener, MOST, signal);
    return body ? { body } : { value: { over: true } };
  }

  async #snapshot({ params, signal }: CapabilityCall) {
    const { session, most } = readParams(snapshotSchema, params);
    const taken = this.#session(session, signal).snapshot(await mirrorSource(), most);
    const { about, events } = await taken;
    const bytes = new TextEncoder().encode(events);
    const snapshot = crypto.randomUUID();
    this.#snapshots.set(snapshot, bytes);
    if (this.#snapshots.size > MAX_SNAPSHOTS) {
      this.#snapshots.delete(this.#snapshots.keys().next().value!);
    }
    return { value: { ...about, snapshot, length: bytes.length } };
  }

  #read(params: unknown) {
    const { snapshot, offset } = readParams(readSchema, params);
    const bytes = this.#snapshots.get(snapshot);
    if (!bytes) throw new CapabilityError("not_found", "Cannot read as there is no such snapshot");
    const body = bytes.slice(offset, offset + MOST);
    if (offset + body.length >= bytes.length) this.#snapshots.delete(snapshot);
    return { body };
  }

  async #stream({ params, signal }: CapabilityCall) {
    const { session: of, ...about } = readParams(streamSchema, params);
    const session = this.#session(of, signal);
    if (this.#streams.size >= MAX_STREAMS) {
      throw new CapabilityError("quota", `Cannot send pictures as ${MAX_STREAMS} streams are open`);
    }
    const stream = crypto.randomUUID();
    const screencast = new Screencast(session, about);
    this.#streams.set(stream, screencast);
    const end = () => {
      this.#streams.delete(stream);
      // Where the browser is gone, there is nothing to end.
      screencast.end().catch(() => {});
    };
    signal.addEventListener("abort", end, { once: true });
    try {
      await screencast.begin();
    } catch (error) {
      end();
      throw error;
    }
    return { value: { stream } };
  }

  async #frame({ params, signal }: CapabilityCall) {
    const { stream, offset } = readParams(frameSchema, params);
    const screencast = this.#streams.get(stream);
    if (offset !== undefined) {
      const body = screencast?.read(offset, MOST);
      if (body) return { body };
      throw new CapabilityError("not_found", "Cannot read as there is no such picture");
    }
    const frame = await screencast?.next(signal);
    if (!frame) this.#streams.delete(stream);
    return { value: frame ?? { over: true } };
  }

  /** @throws {CapabilityError} not_found – it is closed, or no session of this script */
  #session(id: string, signal: AbortSignal): Session {
    const session = this.#browser.session(id);
    if (!session) throw new CapabilityError("not_found", "Cannot do this as the session is closed");
    session.usedBy(signal);
    return session;
  }
}
