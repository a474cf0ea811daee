import * as v from "valibot";
import type { BrowserSettings } from "../core/documents/browser.ts";
import type { ScriptName } from "../core/documents/common.ts";
import { CALL_BOUNDS, CapabilityError } from "../sandbox/mod.ts";
import type { Browsers } from "./browser/browsers.ts";
import {
  elementSchema,
  inputSchema,
  lookSchema,
  pointSchema,
  tabSchema,
  urlSchema,
} from "./browser/inputs.ts";
import { mirrorSource } from "./browser/page/source.ts";
import type { ScriptBrowser } from "./browser/script_browser.ts";
import type { Session } from "./browser/session.ts";
import { type Capability, type Method, readParams } from "./capability.ts";

const MOST = CALL_BOUNDS.chunkBytes;
const id = v.pipe(v.string(), v.maxLength(64));
const pixels = v.pipe(v.number(), v.safeInteger(), v.minValue(100), v.maxValue(4_000));
const openSchema = v.strictObject({
  url: urlSchema,
  size: v.optional(v.strictObject({ width: pixels, height: pixels })),
});
const sessionSchema = v.strictObject({ session: id });
const pageSchema = v.strictObject({ session: id, url: urlSchema });
const navigateSchema = v.strictObject({ session: id, to: urlSchema, tab: v.optional(tabSchema) });
const applySchema = v.strictObject({ session: id, input: inputSchema });
const listenerSchema = v.strictObject({ session: id, listener: id });
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const readSchema = v.strictObject({ session: id, snapshot: id, offset: count });
const mark = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
const drawSchema = v.variant("kind", [
  v.strictObject({
    session: id,
    kind: v.literal("frame"),
    mark,
    at: v.nullable(elementSchema),
    look: lookSchema,
  }),
  v.strictObject({
    session: id,
    kind: v.literal("pointer"),
    mark,
    at: v.nullable(pointSchema),
    look: lookSchema,
  }),
]);
const signSchema = v.strictObject({
  session: id,
  text: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(100))),
});

/**
 * A browser of this machine, for a script: pages of the grant's sites, what people do in them, and
 * the same done again. Never a link to the browser itself.
 */
export function browserCapability(
  browsers: Browsers,
  script: ScriptName,
  settings: BrowserSettings,
): Capability {
  const lent = new LentBrowser(() => browsers.of(script, settings));
  return { name: "browser", shown: {}, methods: lent.methods };
}

/** A script's browser, as one run or request has it. */
class LentBrowser {
  readonly #browser: () => ScriptBrowser;
  readonly #snapshots = new Map<string, Uint8Array>();
  readonly methods: ReadonlyMap<string, Method>;

  constructor(browser: () => ScriptBrowser) {
    this.#browser = browser;
    this.methods = new Map<string, Method>([
      ["browser.open", ({ params, signal }) => this.#open(params, signal)],
      ["browser.list", () => ({ value: this.#browser().sessions.map(({ shown }) => shown) })],
      ["browser.page", async ({ params, signal }) => {
        const { session, url } = readParams(pageSchema, params);
        return { value: { tab: await this.#session(session, signal).open(url) } };
      }],
      ["browser.navigate", async ({ params, signal }) => {
        const { session, to, tab } = readParams(navigateSchema, params);
        await this.#session(session, signal).navigate(to, tab);
        return {};
      }],
      ["browser.apply", async ({ params, signal }) => {
        const { session, input } = readParams(applySchema, params);
        return { value: await this.#session(session, signal).apply(input) };
      }],
      ["browser.listen", ({ params, signal }) => {
        const { session: of } = readParams(sessionSchema, params);
        const session = this.#session(of, signal);
        const listener = session.listen();
        signal.addEventListener("abort", () => session.unlisten(listener), { once: true });
        return { value: { listener } };
      }],
      ["browser.next", ({ params, signal }) => this.#next(params, signal)],
      ["browser.unlisten", ({ params }) => {
        const { session, listener } = readParams(listenerSchema, params);
        this.#browser().session(session)?.unlisten(listener);
        return {};
      }],
      ["browser.state", async ({ params, signal }) => {
        const { session } = readParams(sessionSchema, params);
        return { value: await this.#session(session, signal).state() };
      }],
      ["browser.snapshot", ({ params, signal }) => this.#snapshot(params, signal)],
      ["browser.read", ({ params }) => this.#read(params)],
      ["browser.draw", async ({ params, signal }) => {
        const { session, kind, mark, at, look = {} } = readParams(drawSchema, params);
        await this.#session(session, signal).draw(kind, mark, at, look);
        return {};
      }],
      ["browser.sign", async ({ params, signal }) => {
        const { session, text } = readParams(signSchema, params);
        await this.#session(session, signal).look({ sign: text ?? "" });
        return {};
      }],
      ["browser.close", async ({ params }) => {
        const { session } = readParams(sessionSchema, params);
        await this.#browser().session(session)?.close();
        return {};
      }],
    ]);
  }

  async #open(params: unknown, signal: AbortSignal) {
    const { url, size } = readParams(openSchema, params);
    const session = await this.#browser().open(url, size);
    session.usedBy(signal);
    return { value: { id: session.id } };
  }

  async #next(params: unknown, signal: AbortSignal) {
    const { session: of, listener } = readParams(listenerSchema, params);
    const session = this.#browser().session(of);
    const body = await session?.listener(listener)?.next(MOST, signal, session.lost);
    return body ? { body } : { value: { over: true } };
  }

  async #snapshot(params: unknown, signal: AbortSignal) {
    const { session } = readParams(sessionSchema, params);
    const json = await this.#session(session, signal).snapshot(await mirrorSource());
    const bytes = new TextEncoder().encode(json);
    const snapshot = crypto.randomUUID();
    this.#snapshots.clear();
    this.#snapshots.set(snapshot, bytes);
    return { value: { snapshot, length: bytes.length } };
  }

  #read(params: unknown) {
    const { snapshot, offset } = readParams(readSchema, params);
    const bytes = this.#snapshots.get(snapshot);
    if (!bytes) throw new CapabilityError("not_found", "Cannot read as there is no such snapshot");
    const body = bytes.slice(offset, offset + MOST);
    if (offset + body.length >= bytes.length) this.#snapshots.delete(snapshot);
    return { body };
  }

  /** @throws {CapabilityError} not_found – it is closed, or no session of this script */
  #session(id: string, signal: AbortSignal): Session {
    const session = this.#browser().session(id);
    if (!session) throw new CapabilityError("not_found", "Cannot do this as the session is closed");
    session.usedBy(signal);
    return session;
  }
}
