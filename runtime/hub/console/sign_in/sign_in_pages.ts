import type { ConsoleParts } from "../console_parts.ts";
import { addressOf, type ConsoleContext, formOf, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { done } from "../parts/notices.ts";
import { sayWhenAgain } from "../refusal.tsx";
import { giveSession, takeSession } from "../session_cookie.ts";
import { UserError } from "../../users/mod.ts";
import { nextPath } from "./next_path.ts";
import { signInPage } from "./sign_in_page.tsx";

type Parts = Pick<ConsoleParts, "signIn" | "sessions" | "passkeys" | "origin">;

/** Signing in with a password, and signing out. */
export function addSignInPages(pages: Pages, parts: Parts): void {
  const { signIn, sessions, passkeys, origin } = parts;
  const withPasskeys = passkeys !== undefined;

  pages.get("/sign-in", "anyone", (c) => {
    const next = nextPath(c.req.query("next"), origin);
    if (c.get("visitor")) return c.redirect(next, 303);
    return signInPage(c, { fleet: c.req.query("fleet") ?? "", next, withPasskeys });
  });

  pages.post("/sign-in", "anyone", async (c) => {
    const form = formOf(c);
    const [fleet, name] = [form.text("fleet"), form.text("name")];
    const next = nextPath(form.text("next"), origin);
    try {
      const cookie = await signIn.withPassword({
        tenant: fleet,
        name,
        password: form.text("password"),
        ...placeOf(c),
      });
      giveSession(c, cookie);
      return c.redirect(next, 303);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      sayWhenAgain(c, error);
      const status = error.code === "too_many_attempts" ? 429 : 403;
      return signInPage(c, { fleet, name, next, withPasskeys, trouble: error.message, status });
    }
  });

  pages.post("/sign-out", "signed-in", async (c) => {
    const { tenant, user, session, actor } = visitorOf(c);
    await sessions.end(tenant, actor.who, user, session.id);
    takeSession(c);
    return c.redirect(done("/sign-in", "signed-out"), 303);
  });

  pages.post("/sign-out-everywhere", "signed-in", async (c) => {
    const { tenant, user, actor } = visitorOf(c);
    await sessions.endAll(tenant, actor.who, user);
    takeSession(c);
    return c.redirect(done("/sign-in", "signed-out-everywhere"), 303);
  });
}

/** Where a request comes from, for the session it begins. */
export function placeOf(c: ConsoleContext): { address: string; browser: string } {
  return { address: addressOf(c), browser: c.req.header("user-agent") ?? "" };
}
