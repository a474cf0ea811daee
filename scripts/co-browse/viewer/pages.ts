import type { Sharing } from "../host/sharing.ts";
import mirrorScript from "./mirror/main.js?page" with { type: "text" };
import deskScript from "./page/desk.js?page" with { type: "text" };
import guestScript from "./page/guest.js?page" with { type: "text" };
import style from "./page/style.css" with { type: "text" };

/** Where whoever is invited sees the shared browser. */
export function guestPage(request: Request): Response {
  return page(request, {
    title: "Shared browser",
    script: guestScript,
    body: `<template id="mirror-script">${asTemplate(mirrorScript)}</template>
<form id="door" aria-label="Join">
<label for="name">Your name, as others see it</label>
<input id="name" name="name" maxlength="40" autocomplete="nickname" required>
<button name="join">Join</button>
</form>
<main id="room" hidden>
<div>
<div id="stage"><iframe id="shared" sandbox="allow-scripts" title="The shared page"></iframe></div>
<p><button id="ask" type="button">Ask for control</button></p>
</div>
<aside aria-label="People and chat">${PEOPLE}</aside>
</main>`,
  });
}

/** Where the sharing person invites, lets in, gives control and stops. Only for this machine. */
export function deskPage(request: Request, sharing: Sharing | undefined): Response {
  if (!sharing) {
    return page(request, {
      title: "Share a browser",
      script: deskScript,
      body: `<main><p>Nothing is shared. Begin with an order:</p>
<pre>writ order acme/co-browse --input '{"do": "share", "url": "https://…"}'</pre></main>`,
    });
  }
  const { shared: { session }, deskKey } = sharing;
  return page(request, {
    title: "You share a browser",
    script: deskScript,
    data: `data-session="${session.id}" data-key="${deskKey}"`,
    body: `<main id="desk">
<p><button id="stop" type="button">Stop sharing</button>
<button id="take" type="button" disabled>Take control</button></p>
<section aria-labelledby="invite"><h2 id="invite">Invite</h2>
<p><button id="invite-drive" type="button">Somebody who may ask for control</button>
<button id="invite-watch" type="button">Somebody who watches</button></p>
<input id="invitation" readonly hidden aria-label="Link to hand on">
<p id="invited" aria-live="polite"></p></section>
${PEOPLE}
</main>`,
  });
}

const PEOPLE = `<h2>People</h2>
<ul id="people"></ul>
<h2 id="chat-title">Chat</h2>
<ul id="lines" role="log" aria-labelledby="chat-title" tabindex="0"></ul>
<form id="chat"><label class="hidden" for="text">Say something</label>
<input id="text" name="text" maxlength="500" autocomplete="off"><button>Say</button></form>`;

interface Parts {
  readonly title: string;
  readonly script: string;
  readonly body: string;
  readonly data?: string;
}

/**
 * All in one answer: the page is sandboxed, and so a stranger to its own agent, which hands files to
 * nobody's pages.
 */
function page(request: Request, { title, script, body, data = "" }: Parts): Response {
  const nonce = crypto.randomUUID();
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body ${data} data-page="${pageToken(request)}">
<header><h1>${title}</h1><p id="status" role="status" aria-live="polite"></p>
<p id="address"></p></header>
${body}
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

/** What tells the agent that a socket is opened by this page; it has no origin that would. */
function pageToken({ headers }: Request): string {
  return /^[\w.~-]{1,500}$/.exec(headers.get("writ-page") ?? "")?.[0] ?? "";
}

/** No text in it ends the element that it stands in. */
function asScript(javascript: string): string {
  return javascript.replaceAll("</", "<\\/");
}

function asTemplate(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/**
 * Nothing from anywhere else, for these pages and for what is mirrored in them: no script but theirs,
 * and no picture, font or style that would tell another server who is watching.
 */
function policyFor({ headers }: Request, nonce: string): string {
  const host = headers.get("host") ?? "";
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    `connect-src ws://${host} wss://${host}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
