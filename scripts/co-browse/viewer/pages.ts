import type { FetchContext } from "writ";
import type { Sharing } from "../host/sharing.ts";
import { asText, page } from "./document.ts";
import mirrorScript from "./mirror/main.js?page" with { type: "text" };
import deskScript from "./page/desk.js?page" with { type: "text" };
import guestScript from "./page/guest.js?page" with { type: "text" };

/** Where whoever is invited sees the shared browser. */
export function guestPage(request: Request): Response {
  return page(request, {
    title: "Shared browser",
    script: guestScript,
    body: `<main>
<form id="door" class="card" aria-labelledby="door-title" hidden>
<h2 id="door-title">Somebody shares a browser with you</h2>
<p>Whoever sent you this link is asked first. You see their page then; they see nothing of yours.</p>
<label for="name">Your name, as others see it</label>
<input id="name" name="name" maxlength="40" autocomplete="nickname" required>
<button name="join" class="first">Ask to be let in</button>
</form>
<section id="waiting" class="card" aria-labelledby="waiting-title" hidden>
<h2 id="waiting-title">You have asked to be let in</h2>
<p>The shared page comes here by itself, as soon as the answer is yes.</p></section>
${OVER}
<div id="room" hidden>
<section aria-label="Shared page">
<div id="tabs" role="tablist" aria-label="Pages"></div>
<div id="panel" role="tabpanel" aria-label="Page">
<div class="bar" role="group" aria-label="What you can do">
<button id="ask" type="button" class="first">Ask for control</button>
<button id="point" type="button" aria-pressed="false">Point out</button>
<button id="draw" type="button" aria-pressed="false">Draw</button>
<button id="full-size" type="button" aria-pressed="false">Full size</button>
<button id="leave" type="button">Leave</button>
</div>
<p id="address"></p>
${STAGE}
</div>
</section>
<aside aria-label="People and chat">${PEOPLE}</aside>
</div>
</main>`,
  });
}

/** Where the sharing person invites, lets in, gives control and stops. Only for this machine. */
export function deskPage(
  request: Request,
  { publisher, name }: FetchContext["script"],
  sharing: Sharing | undefined,
): Response {
  const script = `${publisher}/${name}`;
  const begin = `<pre tabindex="0" aria-label="The order">writ order ${script} --follow \\
  --input '{"do": "share", "url": "https://…"}'</pre>`;
  if (!sharing) {
    return page(request, {
      title: "Share a browser",
      script: deskScript,
      body: `<main class="card"><h2>Nothing is shared</h2>
<p>Begin with an order, then load this page again:</p>${begin}</main>`,
    });
  }
  const { shared: { session }, deskKey, place: { agent, address = "" } } = sharing;
  return page(request, {
    title: "You share a browser",
    script: deskScript,
    data: { session: session.id, key: deskKey, agent, script, address },
    body: `<main>
${
      OVER.replace(
        "</section>",
        `<p>Begin anew with an order, then load this page again:</p>${begin}$&`,
      )
    }
<div id="desk">
<div>
<div class="bar" role="group" aria-label="What you can do">
<button id="stop" type="button" class="stop">Stop sharing</button>
<button id="take" type="button" aria-disabled="true">Take control</button>
<button id="look" type="button" aria-pressed="false">See what others see</button>
<button id="point" type="button" aria-pressed="false" hidden>Point out</button>
<button id="draw" type="button" aria-pressed="false" hidden>Draw</button>
</div>
<p id="address"></p>
<section id="preview" aria-label="What others see" hidden>${STAGE}</section>
${INVITE}
</div>
<aside aria-label="People and chat">${PEOPLE}</aside>
</div>
</main>`,
  });
}

const STAGE = `<div id="stage" role="group" aria-label="The shared page, as it is shown">
<iframe id="shared" sandbox="allow-scripts" title="The shared page"></iframe></div>
<template id="mirror-script">${asText(mirrorScript)}</template>`;

const OVER = `<section id="over" class="card" tabindex="-1" aria-labelledby="over-title" hidden>
<h2 id="over-title"></h2><p id="over-next"></p></section>`;

const INVITE = `<section class="card" aria-labelledby="invite"><h2 id="invite">Invite</h2>
<p class="bar"><button id="invite-drive" type="button">Somebody who may ask for control</button>
<button id="invite-watch" type="button">Somebody who watches</button></p>
<div id="invited" hidden>
<p id="invited-for"></p>
<label for="invitation">Link, for any browser</label>
<p class="row"><input id="invitation" readonly><button id="copy-invitation" type="button"
 aria-label="Copy the link">Copy</button></p>
<p id="near" class="warning" hidden>This link opens on this machine alone. Say how others reach it:</p>
<label for="reach">Where others reach this agent</label>
<input id="reach" inputmode="url" placeholder="https://anna.example:8799" autocomplete="off">
<label for="order">Line, for somebody with an agent</label>
<p class="row"><textarea id="order" rows="4" readonly></textarea><button id="copy-order" type="button"
 aria-label="Copy the line">Copy</button></p>
</div></section>`;

const PEOPLE = `<h2 id="people-title">People</h2>
<ul id="people" aria-labelledby="people-title"></ul>
<h2 id="chat-title">Chat</h2>
<ul id="lines" role="log" aria-labelledby="chat-title" tabindex="0"></ul>
<form id="chat" aria-label="Chat"><label for="text" class="hidden">Say something</label>
<p class="row"><input id="text" name="text" maxlength="500" autocomplete="off"
 placeholder="Say something"><button>Say</button></p></form>`;
