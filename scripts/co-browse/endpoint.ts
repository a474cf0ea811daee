import type { FetchContext } from "writ";
import { HELLO_MS, receive } from "./host/reception.ts";
import { socketLink } from "./link/socket_link.ts";
import type { Link, Receiver } from "./link/link.ts";
import { isSame } from "./keys.ts";
import type { State } from "./state.ts";
import { desk, readMessage } from "./wire/guest_message.ts";
import { deskPage, guestPage } from "./viewer/pages.ts";

/**
 * Answers at the script's endpoint: to the sharing person, on this machine only, the page to invite
 * and admit at; to whoever is invited, the page that shows the browser; and the socket of both.
 */
export function answerRequest(state: State, request: Request, ctx: FetchContext): Response {
  const { pathname } = new URL(request.url);
  const { kind } = ctx.caller;
  if (pathname === "/socket") return answerSocket(state, ctx);
  if (request.method !== "GET" && request.method !== "HEAD") return notFound();
  if (pathname === "/join") return guestPage(request);
  if (pathname === "/" && (kind === "loopback" || kind === "operator")) {
    return deskPage(request, ctx.script, state.sharing);
  }
  return notFound();
}

function answerSocket(state: State, ctx: FetchContext): Response {
  if (!state.sharing) return notFound();
  try {
    const { socket, response } = ctx.upgradeWebSocket();
    socketLink(socket, (link) => welcome(state, link));
    return response;
  } catch (error) {
    if (error instanceof TypeError) return notFound();
    throw error;
  }
}

/** The first message says whether it is the sharing person or a guest. */
function welcome({ sharing }: State, link: Link): Receiver {
  const { shared, desk: pages, deskKey } = sharing!;
  let receiver: Receiver | undefined;
  const silent = setTimeout(() => link.close(), HELLO_MS);
  return {
    take(text) {
      clearTimeout(silent);
      if (receiver) return receiver.take(text);
      const own = readMessage(text, desk);
      if (own && isSame(own.key, deskKey)) receiver = pages.open(shared, link);
      else if (own) link.close();
      else {
        receiver = receive(shared.session, link);
        receiver.take(text);
      }
    },
    lost() {
      clearTimeout(silent);
      receiver?.lost();
    },
  };
}

function notFound(): Response {
  return new Response("not found\n", { status: 404, headers: { "content-type": "text/plain" } });
}
