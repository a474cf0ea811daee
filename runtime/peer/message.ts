/** The part of an HTTP message that a signature can cover; its body counts through its digest. */
export interface Message {
  /** Of a request: upper case. */
  readonly method?: string;
  /** Of a request: absolute. */
  readonly url?: string;
  /** Of a response. */
  readonly status?: number;
  readonly headers: Pick<Headers, "get">;
}

/**
 * The value of `@path`: what stands between host and query, as the URL Standard writes it.
 *
 * @see RFC 9421, "Path"
 */
export function pathOf(url: string): string {
  const start = pathStart(url);
  const end = url.slice(start).search(/[?#]/);
  return (end < 0 ? url.slice(start) : url.slice(start, start + end)) || "/";
}

/**
 * The value of `@query`, with its question mark, which stands alone when there is no query.
 *
 * @see RFC 9421, "Query"
 */
export function queryOf(url: string): string {
  const hash = url.indexOf("#");
  const whole = hash < 0 ? url : url.slice(0, hash);
  const start = whole.indexOf("?", pathStart(url));
  return start < 0 ? "?" : whole.slice(start);
}

/**
 * The value of `@authority`: host, lower case, and port unless it is the scheme's own.
 *
 * @see RFC 9421, "Authority"
 */
export function authorityOf(url: string): string {
  return new URL(url).host;
}

function pathStart(url: string): number {
  const host = url.indexOf("://") + 3;
  const end = url.slice(host).search(/[/?#]/);
  return end < 0 ? url.length : host + end;
}
