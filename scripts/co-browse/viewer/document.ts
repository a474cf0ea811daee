import style from "./page/style.css" with { type: "text" };

/** What a page is made of. */
export interface PageParts {
  readonly title: string;
  /** Runs in it. */
  readonly script: string;
  readonly body: string;
  /** For its script, as `data-` attributes. */
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * All in one answer: the page is sandboxed, and so a stranger to its own agent, which hands files to
 * nobody's pages.
 */
export function page(request: Request, { title, script, body, data = {} }: PageParts): Response {
  const nonce = crypto.randomUUID();
  const attributes = Object.entries({ ...data, page: pageToken(request) })
    .map(([name, value]) => ` data-${name}="${asText(value)}"`).join("");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${style}</style>
</head>
<body${attributes}>
<header><h1>${title}</h1><p id="status" role="status"></p></header>
${body}
<p id="notice" role="status"></p>
<script nonce="${nonce}">${asScript(script)}</script>
</body>
</html>
`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": policyFor(request, nonce),
    },
  });
}

/** A text that is nothing but text where it stands in a page. */
export function asText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** What tells the agent that a socket is opened by this page; it has no origin that would. */
function pageToken({ headers }: Request): string {
  return /^[\w.~-]{1,500}$/.exec(headers.get("writ-page") ?? "")?.[0] ?? "";
}

/** No text in it ends the element that it stands in. */
function asScript(javascript: string): string {
  return javascript.replaceAll("</", "<\\/");
}

/**
 * Nothing from anywhere else, for these pages and for what is mirrored in them: no script but theirs,
 * and no picture, font or style that would tell another server who is watching.
 */
function policyFor({ headers }: Request, nonce: string): string {
  const host = headers.get("host");
  // HTTP/2 has no such header; not all browsers take "self" for the socket of a page of no origin.
  const sockets = host ? `ws://${host} wss://${host}` : "'self'";
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    `connect-src ${sockets}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
