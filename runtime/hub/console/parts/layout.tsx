import { html } from "hono/html";
import type { Child } from "hono/jsx";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Scope } from "../../access/actor.ts";
import { assetPath } from "../assets/assets.ts";
import type { ConsoleContext, Visitor } from "../environment.ts";
import { noticeOf } from "./notices.ts";

/** A page before it is put into its frame. */
export interface PageContent {
  readonly title: string;
  readonly body: Child;
  readonly status?: ContentfulStatusCode;
  /** Buttons and links beside the title. */
  readonly actions?: Child;
  /** What of the fleet the page shows: it is brought up to date when that changes. */
  readonly live?: string;
}

const PLACES: readonly (readonly [path: string, word: string, scope: Scope])[] = [
  ["/", "Overview", "agents:read"],
  ["/agents", "Agents", "agents:read"],
  ["/scripts", "Scripts", "orders:read"],
  ["/orders", "Orders", "orders:read"],
  ["/rollouts", "Rollouts", "rollouts:read"],
  ["/releases", "Releases", "rollouts:read"],
  ["/accept-list", "Accept-list", "lists:read"],
  ["/audit", "Audit log", "audit:read"],
  ["/users", "Users", "users:read"],
];

/** Answers with a page in its frame. */
export function show(c: ConsoleContext, content: PageContent): Response | Promise<Response> {
  const notice = noticeOf(c.req.query("done"));
  const page = <Frame path={c.req.path} visitor={c.get("visitor")} notice={notice} {...content} />;
  return c.html(html`<!DOCTYPE html>${page}`, content.status ?? 200);
}

function Frame(
  { title, body, actions, live, path, visitor, notice }: PageContent & {
    path: string;
    visitor: Visitor | undefined;
    notice: ReturnType<typeof noticeOf>;
  },
) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Writ`}</title>
        <link rel="stylesheet" href={assetPath("style.css")} />
        <link rel="icon" href={assetPath("icon.svg")} type="image/svg+xml" />
        {visitor && <script type="module" src={assetPath("live.js")} />}
      </head>
      <body class={visitor ? "with-places" : "alone"}>
        <a class="skip" href="#main">To the content</a>
        {visitor && <Places path={path} visitor={visitor} />}
        <main id="main" tabindex={-1} data-live={live}>
          <header class="title">
            <h1>{title}</h1>
            {actions !== undefined && <div class="actions">{actions}</div>}
          </header>
          {notice?.isTrouble && <p role="alert" class="refusal">{notice.text}</p>}
          {notice?.isTrouble === false && <p role="status" class="notice">{notice.text}</p>}
          {body}
        </main>
      </body>
    </html>
  );
}

function Places({ path, visitor }: { path: string; visitor: Visitor }) {
  const { user, tenant, actor } = visitor;
  const here = (place: string) => place === "/" ? path === "/" : path.startsWith(place);
  return (
    <header class="places">
      <a class="brand" href="/">
        <img src={assetPath("icon.svg")} alt="" width="28" height="28" /> Writ
      </a>
      <nav aria-label="Main">
        {PLACES.filter(([, , scope]) => actor.scopes.has(scope)).map(([place, word]) => (
          <a href={place} aria-current={here(place) ? "page" : undefined}>{word}</a>
        ))}
      </nav>
      <div class="self">
        <a href="/settings" aria-current={here("/settings") ? "page" : undefined}>
          <b>{user.name}</b>
          <small>{user.role} of {tenant}</small>
        </a>
        <form method="post" action="/sign-out" aria-label="Sign out">
          <input type="hidden" name="form" value={visitor.formToken} />
          <button type="submit" class="plain">Sign out</button>
        </form>
      </div>
    </header>
  );
}
