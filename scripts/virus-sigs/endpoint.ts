import type { FetchContext } from "writ";
import { openDesk } from "./desk.ts";
import { offersOf } from "./inventory.ts";
import { answerAsMirror } from "./mirror.ts";
import { rounds } from "./rounds.ts";
import { agesOf, keptBy, statusOf } from "./status.ts";
import { statusText } from "./status_text.ts";
import { useOf } from "./use_newest.ts";

/** News begin a round no more often than that. */
const LEAST_MS = 1_000;
let lastNews = 0;

/**
 * Answers at the script's endpoint: other agents what there is to pull, this machine's programs how
 * fresh it is, and freshclam, from whomever the grant admits, as a mirror does.
 */
export async function answer(request: Request, ctx: FetchContext): Promise<Response> {
  const { pathname } = new URL(request.url);
  const desk = openDesk(ctx);
  const { kind } = ctx.caller;
  if (pathname === "/inventory" && kind === "peer") {
    const files = offersOf(await desk.shelf.files());
    return Response.json({ files, ...await useOf(desk), ages: agesOf(await keptBy(desk)) });
  }
  if (pathname === "/news" && kind === "peer") {
    // A round that is still to come will see these news, too.
    if (lastNews <= Date.now()) {
      lastNews = Math.max(Date.now(), lastNews + LEAST_MS);
      await rounds.call(ctx, lastNews);
    }
    return new Response(null, { status: 204 });
  }
  const isFromHere = kind === "loopback" || kind === "operator";
  if (pathname === "/" && isFromHere) return new Response(statusText(await statusOf(desk)));
  if (pathname === "/status" && isFromHere) return Response.json(await statusOf(desk));
  return await answerAsMirror(request, pathname, desk.shelf, async (database) => {
    if (await desk.wholeWanted.has(database)) return;
    await desk.wholeWanted.add(database);
    await rounds.call(ctx, Date.now());
  });
}
