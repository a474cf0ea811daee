import { PAGE_FIELD } from "./page_tokens.ts";
/** A header, name and value. */
export type HeaderPair = readonly [name: string, value: string];

/** Of one connection, and no business of who is at its other end. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Never told to a script: cookies belong to the host, whatever listens on its other ports; a
 * signature proves to the agent who asks, and to nobody else.
 */
const NOT_TOLD = new Set([
  ...HOP_BY_HOP,
  "cookie",
  "signature",
  "signature-input",
  "accept-signature",
  "want-content-digest",
  "writ-mount",
  PAGE_FIELD,
]);

/** Never passed on: what would hold for the whole host, for other scripts and for the agent. */
const NOT_PASSED_ON = new Set([
  ...HOP_BY_HOP,
  "set-cookie",
  "set-cookie2",
  "service-worker-allowed",
  "clear-site-data",
  "strict-transport-security",
  "public-key-pins",
  "expect-ct",
  "alt-svc",
  "nel",
  "report-to",
  "reporting-endpoints",
  "origin-agent-cluster",
  "accept-ch",
  "critical-ch",
  "www-authenticate-signature",
  "signature",
  "signature-input",
]);

/**
 * What a script is told of a request's headers.
 *
 * @param about.mount Where the script is reached, told as `writ-mount`.
 * @param about.page What its pages are to ask it with, told as `writ-page`.
 * @param about.hidesAuthorization Whether it holds the operator's token.
 */
export function requestHeaders(
  headers: Headers,
  { mount, page, hidesAuthorization = false }: {
    mount: string;
    page?: string;
    hidesAuthorization?: boolean;
  },
): HeaderPair[] {
  const told = [...headers].filter(([name]) =>
    !NOT_TOLD.has(name) && !(hidesAuthorization && name === "authorization")
  );
  return [...told, ["writ-mount", mount], ...page ? [[PAGE_FIELD, page] as const] : []];
}

/**
 * What of a script's headers reaches the client, and what the agent adds: its pages have no origin,
 * so that they can neither read other scripts' pages nor ask the agent, and nobody frames them.
 */
export function responseHeaders(pairs: readonly HeaderPair[]): Headers {
  const headers = new Headers();
  for (const [name, value] of pairs) {
    if (!NOT_PASSED_ON.has(name.toLowerCase())) headers.append(name, value);
  }
  // Policies add up: a script can ask for more, never for less.
  headers.append("content-security-policy", "sandbox allow-scripts allow-forms");
  headers.set("x-content-type-options", "nosniff");
  headers.set("x-frame-options", "DENY");
  // Addresses of pages, with what stands in them, are nobody else's.
  headers.set("referrer-policy", "same-origin");
  return headers;
}

/** Names and values of a request's headers, in characters, which are bytes here. */
const HEADERS_LENGTH = 32_768;

/** Whether the headers of a request are longer together than a script is handed. */
export function areTooLong(headers: Headers): boolean {
  let length = 0;
  for (const [name, value] of headers) length += name.length + value.length;
  return length > HEADERS_LENGTH;
}
