import type { ConsoleParts } from "../console_parts.ts";
import { formOf, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { placeOf } from "../sign_in/sign_in_pages.ts";
import { takeSession } from "../session_cookie.ts";
import { PasskeySection, PasswordSection, SessionSection } from "./own_account.tsx";

type Parts = Pick<ConsoleParts, "users" | "sessions" | "signIn" | "passkeys" | "now">;

/** What each user sets for themselves. */
export function addSettingsPages(pages: Pages, parts: Parts): void {
  const { users, sessions, signIn, passkeys, now } = parts;

  pages.get("/settings", "signed-in", async (c) => {
    const visitor = visitorOf(c);
    const { tenant, user, actor } = visitor;
    const [own, open] = await Promise.all([
      passkeys?.list(tenant, user.id),
      sessions.list(tenant, user.id),
    ]);
    return show(c, {
      title: "Settings",
      actions: actor.scopes.has("tokens:write") && (
        <>
          <a class="button second" href="/webhooks">Webhooks</a>
          <a class="button second" href="/tokens">Tokens</a>
        </>
      ),
      body: (
        <div class="columns-2">
          <SessionSection sessions={open} by={visitor} now={now()} />
          <PasswordSection by={visitor} />
          {own && <PasskeySection passkeys={own} by={visitor} now={now()} />}
        </div>
      ),
    });
  });

  pages.post("/settings/password", "signed-in", async (c) => {
    const visitor = visitorOf(c);
    const { tenant, user } = visitor;
    const form = formOf(c);
    await signIn.requireSelf(visitor, form.text("current"), placeOf(c));
    await users.changePassword(tenant, user.id, form.text("password"));
    takeSession(c);
    return c.redirect(done("/sign-in", "password-set"), 303);
  });

  pages.post("/settings/sessions/:id/end", "signed-in", async (c) => {
    const { tenant, user, actor } = visitorOf(c);
    await sessions.end(tenant, actor.who, user, c.req.param("id") ?? "");
    return c.redirect(done("/settings", "session-ended"), 303);
  });

  pages.post("/settings/passkeys/remove", "signed-in", async (c) => {
    const { tenant, user } = visitorOf(c);
    await passkeys?.remove(tenant, user, formOf(c).text("id"));
    return c.redirect(done("/settings", "passkey-removed"), 303);
  });
}
