import { digestOf } from "../../runtime/core/digest.ts";
import type { Blobs, Store, StoredBlob } from "../../runtime/sdk/mod.ts";

/** A store that forgets everything with the test. */
export function memoryStore(): Store {
  const entries = new Map<string, string>();
  return {
    get: <Value>(key: string) => {
      const text = entries.get(key);
      return Promise.resolve(text === undefined ? undefined : JSON.parse(text) as Value);
    },
    set: (key, value) => Promise.resolve(void entries.set(key, JSON.stringify(value))),
    delete: (key) => Promise.resolve(entries.delete(key)),
    list: <Value>({ prefix = "", after = "", limit = 1000 } = {}) =>
      Promise.resolve(
        [...entries].filter(([key]) => key.startsWith(prefix) && key > after)
          .sort(([a], [b]) => a < b ? -1 : 1).slice(0, limit)
          .map(([key, text]) => ({ key, value: JSON.parse(text) as Value })),
      ),
    batch: () => Promise.reject(new TypeError("unused")),
    add: () => Promise.reject(new TypeError("unused")),
  };
}

/** Blobs in memory, whose streams come in small pieces. */
export function memoryBlobs(): Blobs {
  const blobs = new Map<string, StoredBlob>();
  return {
    async put(body, { mediaType = "application/octet-stream" } = {}) {
      const bytes = new Uint8Array(await new Response(body as BodyInit).arrayBuffer());
      const sha256 = digestOf(bytes);
      const pieces = function* (offset: number) {
        for (let at = offset; at < bytes.length; at += 1000) yield bytes.slice(at, at + 1000);
      };
      blobs.set(sha256, {
        sha256,
        length: bytes.length,
        mediaType,
        stream: (offset = 0) => ReadableStream.from(pieces(offset)),
        bytes: () => Promise.resolve(bytes),
      });
      return { sha256, length: bytes.length };
    },
    get: (sha256) => Promise.resolve(blobs.get(sha256)),
    delete: (sha256) => Promise.resolve(blobs.delete(sha256)),
    list: () => Promise.resolve([...blobs.values()]),
    share: () => Promise.reject(new TypeError("unused")),
    pull: () => Promise.reject(new TypeError("unused")),
  };
}
