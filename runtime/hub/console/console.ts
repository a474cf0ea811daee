import { Hono } from "hono";
import { ROLE_SCOPES } from "../access/actor.ts";
import { HubError } from "../errors.ts";
import { addAgentPages } from "./agents/agent_pages.tsx";
import { addEnrolPages } from "./agents/enrol_pages.tsx";
import { assetAt } from "./assets/assets.ts";
import { addAuditPages } from "./audit/audit_pages.tsx";
import type { ConsoleParts } from "./console_parts.ts";
import type { ConsoleContext, ConsoleEnv, Visitor } from "./environment.ts";
import { ownForms, ownHost, safePages } from "./guards.ts";
import { addLiveStreams } from "./live/live_streams.ts";
import { addListPages } from "./lists/list_pages.tsx";
import { addNewOrderPages } from "./orders/new_order_pages.tsx";
import { addOrderPages } from "./orders/order_pages.tsx";
import { addOverviewPage } from "./overview/overview_page.tsx";
import { Pages } from "./pages.ts";
import { addReleasePages } from "./releases/release_pages.tsx";
import { refusalOf, refusePage } from "./refusal.tsx";
import { addRolloutPages } from "./rollouts/rollout_pages.tsx";
import { addScriptPages } from "./scripts/script_pages.tsx";
import { formTokenOf, sessionCookie } from "./session_cookie.ts";
import { addSettingsPages } from "./settings/settings_pages.tsx";
import { addTokenPages } from "./settings/token_pages.tsx";
import { addPasskeyPages } from "./sign_in/passkey_pages.ts";
import { addSignInPages } from "./sign_in/sign_in_pages.ts";
import { addWelcomePages } from "./sign_in/welcome_pages.tsx";
import { addUserPages } from "./users/user_pages.tsx";
import { addWebhookPages } from "./webhooks/webhook_pages.tsx";

/**
 * The console: pages for people, on an origin of its own. In front of every page stand the headers,
 * the check of the host's name, who is signed in, and for forms where they come from.
 */
export function createConsole(parts: ConsoleParts): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>();
  app.onError((error, c) => {
    if (!refusalOf(error)) {
      parts.log("warn", "console request failed", { path: c.req.path, error: error.message });
    }
    return refusePage(c, error);
  });
  app.notFound((c) => refusePage(c, new HubError("not_found", "There is no such page")));
  app.use(safePages(parts.origin), ownHost(parts.origin));
  app.get("/assets/*", serveAsset);
  app.use(async (c, next) => {
    const visitor = await visitorFrom(c, parts);
    if (visitor) c.set("visitor", visitor);
    await next();
  });
  app.use(ownForms(parts.origin));
  const pages = new Pages(app);
  addSignInPages(pages, parts);
  addWelcomePages(pages, parts);
  if (parts.passkeys) addPasskeyPages(pages, parts.passkeys, parts);
  addOverviewPage(pages, parts);
  addAgentPages(pages, parts);
  addEnrolPages(pages, parts);
  addScriptPages(pages, parts);
  addNewOrderPages(pages, parts);
  addOrderPages(pages, parts);
  addRolloutPages(pages, parts);
  addReleasePages(pages, parts);
  addListPages(pages, parts);
  addAuditPages(pages, parts);
  addUserPages(pages, parts);
  addSettingsPages(pages, parts);
  addTokenPages(pages, parts);
  addWebhookPages(pages, parts);
  addLiveStreams(pages, parts);
  return app;
}

function serveAsset(c: ConsoleContext): Response | Promise<Response> {
  const asset = assetAt(c.req.path);
  if (!asset) return c.notFound();
  return c.body(asset.bytes, 200, {
    "Content-Type": asset.type,
    "Cache-Control": "public, max-age=31536000, immutable",
  });
}

/** Whether an open page asks, rather than a person: left alone, it must not keep a session alive. */
function isByItself(c: ConsoleContext): boolean {
  return c.req.path === "/live" || c.req.header("x-by-itself") !== undefined;
}

async function visitorFrom(
  c: ConsoleContext,
  { sessions }: Pick<ConsoleParts, "sessions">,
): Promise<Visitor | undefined> {
  const cookie = sessionCookie(c);
  const found = await sessions.find(cookie, !isByItself(c));
  if (!found) return undefined;
  const { tenant, user } = found;
  const scopes = new Set(ROLE_SCOPES[user.role]);
  const actor = { tenant, who: `user:${user.name}`, user: user.id, scopes };
  return { ...found, actor, formToken: formTokenOf(cookie) };
}
