import { CVD_HEADER_BYTES } from "./cvd_header.ts";
import { parseDatabaseFile } from "./database_file.ts";
import type { Shelf, ShelfFile } from "./shelf.ts";

/** Headers of every file: what freshclam asks again about must come from here. */
const FILE_HEADERS = { "content-type": "application/octet-stream", "accept-ranges": "bytes" };

/**
 * Answers as the vendor's mirrors do: whole files, ranges, and "not modified". What is not here is
 * 404; nothing is ever 403 or 429, on which freshclam stays away for a day.
 *
 * @param path Below the mirror's root, such as `/daily.cvd`.
 * @param missed Told of a database of which more was asked for than is here.
 * @see RFC 9110, "Range Requests", "Conditional Requests"
 */
export async function answerAsMirror(
  request: Request,
  path: string,
  shelf: Shelf,
  missed: (database: string) => Promise<void> = () => Promise.resolve(),
): Promise<Response> {
  const name = path.replace(/^\//, "");
  const kind = parseDatabaseFile(name);
  const file = kind && await shelf.find(name);
  if (!kind || !file) return new Response("No such file here\n", { status: 404 });
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const headers = new Headers(FILE_HEADERS);
  headers.set("etag", `"${file.sha256}"`);
  headers.set("last-modified", new Date(file.modified).toUTCString());
  if (isNotModified(request.headers, file)) return new Response(null, { status: 304, headers });
  const range = request.headers.has("if-range") ? "all" : rangeOf(request.headers, file.length);
  if (range === "none") {
    headers.set("content-range", `bytes */${file.length}`);
    return new Response(null, { status: 416, headers });
  }
  const [first, last] = range === "all" ? [0, file.length - 1] : range;
  if (file.headOnly && last >= CVD_HEADER_BYTES) {
    await missed(kind.database);
    return new Response("Only its beginning is here so far\n", { status: 503 });
  }
  headers.set("content-length", String(last - first + 1));
  if (range !== "all") headers.set("content-range", `bytes ${first}-${last}/${file.length}`);
  const status = range === "all" ? 200 : 206;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const stream = await shelf.open(file, first);
  if (!stream) return new Response("Its content is gone\n", { status: 404 });
  return new Response(upTo(stream, last - first + 1), { status, headers });
}

function isNotModified(headers: Headers, file: ShelfFile): boolean {
  const tags = headers.get("if-none-match");
  if (tags !== null) return tags.split(",").some((tag) => tag.trim() === `"${file.sha256}"`);
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  // The header has whole seconds.
  return Math.floor(file.modified / 1000) * 1000 <= since;
}

/** First and last byte of the one range that is asked for; several at once are answered with all. */
function rangeOf(headers: Headers, length: number): [number, number] | "all" | "none" {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.get("range") ?? "");
  if (!found || (found[1] === "" && found[2] === "")) return "all";
  const [, from, to] = found as unknown as [string, string, string];
  const first = from === "" ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === "" || to === "" ? length - 1 : Math.min(length - 1, Number(to));
  return first <= last ? [first, last] : "none";
}

/** The first bytes of a stream; it is let go as soon as they are there. */
function upTo(stream: ReadableStream<Uint8Array>, length: number): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let left = length;
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) return controller.error(new RangeError("a file is shorter than it was"));
      const part = value.subarray(0, left);
      left -= part.length;
      controller.enqueue(part);
      if (left > 0) return;
      controller.close();
      await reader.cancel();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
