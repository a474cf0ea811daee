/** The longest head of a request: Chromium's own are shorter. */
const MAX_HEAD_BYTES = 64_000;
/** How long one may take to arrive. */
const HEAD_MS = 30_000;

/** The head of a request to a proxy. */
export interface Head {
  readonly host: string;
  readonly port: number;
  readonly tunnel: boolean;
  readonly authorization: string | undefined;
  /** Of its body; `undefined` when it does not say, as a stream. */
  readonly bodyBytes: number | undefined;
  /** As the server gets it. */
  readonly request: Uint8Array;
  /** What came behind the head. */
  readonly rest: Uint8Array;
}

/**
 * Reads the head of the next request.
 *
 * @param late Called when it takes too long.
 * @returns nothing when the client is gone, or what it says is no request to a proxy
 */
export async function readHead(
  client: Deno.TcpConn,
  late: () => void,
): Promise<Head | undefined> {
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  const timer = setTimeout(late, HEAD_MS);
  try {
    for (let filled = 0; filled < buffer.length;) {
      const count = await client.read(buffer.subarray(filled));
      if (count === null) return undefined;
      filled += count;
      const text = latin1(buffer.subarray(0, filled));
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) return parseHead(text.slice(0, end), buffer.slice(end + 4, filled));
    }
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function parseHead(text: string, rest: Uint8Array): Head | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const [method = "", target = "", version = ""] = first.split(" ");
  const tunnel = method === "CONNECT";
  const url = tunnel ? `https://${target}` : target;
  if (!URL.canParse(url) || version !== "HTTP/1.1") return undefined;
  const { protocol, hostname, port, pathname, search } = new URL(url);
  if (!tunnel && protocol !== "http:") return undefined;
  const header = (name: string) =>
    lines.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1).trim();
  const kept = lines.filter((line) => !/^(?:proxy-[a-z-]+|connection|keep-alive):/i.test(line));
  const request = [`${method} ${pathname}${search} HTTP/1.1`, ...kept, "Connection: close"];
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (tunnel ? 443 : 80),
    tunnel,
    authorization: header("proxy-authorization"),
    bodyBytes: header("transfer-encoding") === undefined
      ? bodyBytesOf(header("content-length"))
      : undefined,
    request: bytesOf(`${request.join("\r\n")}\r\n\r\n`),
    rest,
  };
}

function bodyBytesOf(length = "0"): number | undefined {
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Bytes as text of as many characters. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Text of single bytes. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
