import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, formOf, visitorOf } from "../environment.ts";
import type { Page, Pages } from "../pages.ts";
import { done } from "../parts/notices.ts";
import { refusalOf } from "../refusal.tsx";
import { giveSession } from "../session_cookie.ts";
import { type Passkeys, UserError } from "../../users/mod.ts";
import { nextPath } from "./next_path.ts";
import { placeOf } from "./sign_in_pages.ts";

type Parts = Pick<ConsoleParts, "sessions" | "signIn" | "origin">;

/** What the page's script asks for when it makes a passkey or signs in with one: answers are JSON. */
export function addPasskeyPages(pages: Pages, passkeys: Passkeys, parts: Parts): void {
  pages.post(
    "/passkeys/offer",
    "signed-in",
    inJson(async (c) => {
      const visitor = visitorOf(c);
      await parts.signIn.requireSelf(visitor, formOf(c).text("current"), placeOf(c));
      return c.json(await passkeys.offer(visitor.tenant, visitor.user));
    }),
  );

  pages.post(
    "/passkeys/add",
    "signed-in",
    inJson(async (c) => {
      await passkeys.add(visitorOf(c), formOf(c).text("name"), credentialOf(c));
      return c.json({ next: done("/settings", "passkey-added") });
    }),
  );

  pages.post(
    "/passkeys/ask",
    "anyone",
    inJson(async (c) => {
      return c.json(await passkeys.ask(formOf(c).text("fleet")));
    }),
  );

  pages.post(
    "/passkeys/answer",
    "anyone",
    inJson(async (c) => {
      const form = formOf(c);
      const tenant = form.text("fleet");
      const { user, passkey } = await passkeys.answer(tenant, credentialOf(c));
      giveSession(c, await parts.sessions.begin(tenant, user, placeOf(c), { passkey }));
      return c.json({ next: nextPath(form.text("next"), parts.origin) });
    }),
  );
}

function inJson(page: Page): Page {
  return async (c) => {
    try {
      return await page(c);
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      return c.json({ error: refusal.message }, refusal.status);
    }
  };
}

function credentialOf(c: ConsoleContext): unknown {
  try {
    return JSON.parse(formOf(c).text("credential"));
  } catch (cause) {
    throw new UserError("bad_passkey", "Cannot read the passkey's answer", { cause });
  }
}
