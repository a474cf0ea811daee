import rsort from "semver/functions/rsort.js";
import { digestOf } from "../../core/digest.ts";
import type { AcceptEntry } from "../../core/documents/acceptlist.ts";
import type { Digest, ScriptName } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import { LIMITS } from "../../core/limits.ts";
import { isAllowedBy } from "../../core/semver_range.ts";
import type { ContentStore } from "../content/content_store.ts";
import { messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { KnownVersion, ManifestTable } from "../store/manifests.ts";
import { indexPath, manifestPath, modulePath } from "../../core/source_layout.ts";
import type { Source } from "../sources/source.ts";
import { parseVersionIndex } from "../sources/version_index.ts";

/** What a {@linkcode ScriptLibrary} works with. */
export interface ScriptLibraryOptions {
  /** Asked in this sequence; read anew each time, as a policy can change them. */
  sources(): readonly Source[];
  manifests: ManifestTable;
  modules: ContentStore;
  now(): number;
  log: Log;
}

/** What is looked for: what an order names, or whatever of a script the policy's entries accept. */
export type Wanted =
  | Order["script"]
  | { readonly name: ScriptName; readonly accepted: readonly AcceptEntry[] };

/**
 * Finds what an order names: first in the cache, then in the sources. Nothing that it gives is
 * verified; a source that fails or lies costs time and a line in the log.
 */
export class ScriptLibrary {
  readonly #options: ScriptLibraryOptions;
  readonly #lists = new Map<string, { read: number; versions: KnownVersion[] }>();
  /** When a source last let somebody wait for nothing. */
  readonly #failed = new Map<string, number>();

  constructor(options: ScriptLibraryOptions) {
    this.#options = options;
  }

  /**
   * Manifest envelopes that may be the one ordered, the highest version first.
   *
   * @param signal When aborted, its reason is thrown.
   */
  async *candidates(wanted: Wanted, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { manifests } = this.#options;
    const cached = manifests.versions(wanted.name).filter((known) => matches(known, wanted));
    // A hash names one module for ever: once it is here, nobody need be asked.
    if ("sha256" in wanted) yield* this.#cached(wanted.name, cached);
    const listed = await this.#listed(wanted.name, signal);
    const found = listed.flatMap(({ source, versions }) =>
      versions.filter((known) => matches(known, wanted)).map(({ version }) => ({ source, version }))
    );
    const versions = [...cached, ...found].map(({ version }) => version);
    const highestFirst = rsort([...new Set(versions)]).slice(0, AGENT_LIMITS.CANDIDATES);
    for (const version of highestFirst) {
      if (!("sha256" in wanted)) {
        yield* this.#cached(wanted.name, cached.filter((known) => known.version === version));
      }
      for (const { source } of found.filter((entry) => entry.version === version)) {
        const path = manifestPath(wanted.name, version);
        const bytes = await this.#read(source, path, LIMITS.MANIFEST_BYTES, signal);
        if (bytes) yield bytes;
      }
    }
  }

  /**
   * The module with this digest, in a buffer that nobody else holds.
   *
   * @param length What the manifest says; a source is read no further.
   * @param signal When aborted, its reason is thrown.
   * @returns `undefined` when no source has it. When sources have only other bytes under its name,
   * those, so that the refusal says what was wrong and not that nothing was there.
   */
  async module(
    digest: Digest,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const cached = await this.#cachedModule(digest, length);
    if (cached) return cached;
    let spoilt: Uint8Array | undefined;
    for (const source of this.#inTurn()) {
      const bytes = await this.#read(source, modulePath(digest), length, signal);
      if (!bytes) continue;
      if (digestOf(bytes) === digest) {
        await this.#keep(digest, bytes.slice());
        return bytes;
      }
      const { log } = this.#options;
      log("warn", "source gave another module", { source: source.name, asked: digest });
      spoilt = bytes;
    }
    return spoilt;
  }

  async #keep(digest: Digest, bytes: Uint8Array): Promise<void> {
    const { modules } = this.#options;
    try {
      // What is there is spoilt, and content that is there is not replaced.
      await modules.remove(digest);
      await modules.put(digest, ReadableStream.from([bytes]));
    } catch (error) {
      // A cache that cannot be written makes the next run slower and this one no worse.
      this.#options.log("warn", "module not cached", { error: messageOf(error) });
    }
  }

  *#cached(script: ScriptName, versions: readonly KnownVersion[]): Generator<Uint8Array> {
    for (const { version } of versions) {
      const envelope = this.#options.manifests.get(script, version);
      if (envelope) yield envelope;
    }
  }

  async #cachedModule(digest: Digest, length: number): Promise<Uint8Array | undefined> {
    using file = await this.#options.modules.open(digest);
    if (!file || (await file.stat()).size !== length) return undefined;
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = await file.read(bytes.subarray(done));
      if (count === null) return undefined;
      done += count;
    }
    // Spoilt on disk: fetched again.
    return digestOf(bytes) === digest ? bytes : undefined;
  }

  #listed(
    script: ScriptName,
    signal: AbortSignal,
  ): Promise<{ source: Source; versions: KnownVersion[] }[]> {
    return Promise.all(
      this.#inTurn().map(async (source) => {
        const key = `${source.name}\n${script}`;
        const now = this.#options.now();
        const known = this.#lists.get(key);
        if (known && now - known.read < AGENT_LIMITS.INDEX_FRESH_MS) {
          return { source, versions: known.versions };
        }
        // Others are there to answer, and all wait for the slowest.
        if (this.#rests(source) && !this.#inTurn().every((other) => this.#rests(other))) {
          return { source, versions: known?.versions ?? [] };
        }
        const versions = await this.#list(source, script, signal);
        if (versions) this.#lists.set(key, { read: now, versions });
        return { source, versions: versions ?? known?.versions ?? [] };
      }),
    );
  }

  /** The sources, those that lately did not answer behind the others. */
  #inTurn(): Source[] {
    const sources = [...this.#options.sources()];
    return sources.sort((a, b) => Number(this.#rests(a)) - Number(this.#rests(b)));
  }

  #rests({ name }: Source): boolean {
    const failed = this.#failed.get(name);
    return failed !== undefined && this.#options.now() - failed < AGENT_LIMITS.SOURCE_REST_MS;
  }

  async #list(
    source: Source,
    script: ScriptName,
    signal: AbortSignal,
  ): Promise<KnownVersion[] | undefined> {
    const path = indexPath(script);
    const bytes = await this.#read(source, path, AGENT_LIMITS.INDEX_BYTES, signal);
    if (!bytes) return undefined;
    try {
      return parseVersionIndex(bytes, `${source.name}/${path}`);
    } catch (error) {
      this.#options.log("warn", "source not usable", { error: messageOf(error) });
      return undefined;
    }
  }

  async #read(
    source: Source,
    path: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    try {
      const bytes = await source.read(path, maxBytes, signal);
      this.#failed.delete(source.name);
      return bytes;
    } catch (error) {
      // Also when nobody waits any longer: it was this source that was waited for.
      this.#failed.set(source.name, this.#options.now());
      signal.throwIfAborted();
      this.#options.log("warn", "source not usable", { error: messageOf(error) });
      return undefined;
    }
  }
}

function matches(known: KnownVersion, wanted: Wanted): boolean {
  const { version, sha256 } = known;
  if ("sha256" in wanted) return sha256 === wanted.sha256;
  if ("range" in wanted) return isAllowedBy(version, wanted.range);
  // What no entry accepts is there as well, so that its refusal says why; but no prerelease, of
  // which there may be many.
  return isAllowedBy(version, "*") ||
    wanted.accepted.some((entry) =>
      "sha256" in entry ? entry.sha256 === sha256 : isAllowedBy(version, entry.range)
    );
}
