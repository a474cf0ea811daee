import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, formOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { Field } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";
import { type User, USER_LIMITS, UserError } from "../../users/mod.ts";
import { giveSession } from "../session_cookie.ts";
import { placeOf } from "./sign_in_pages.ts";

type Parts = Pick<ConsoleParts, "users" | "sessions">;

/** Taking up an invitation. */
export function addWelcomePages(pages: Pages, { users, sessions }: Parts): void {
  pages.get("/welcome", "anyone", async (c) => {
    const { fleet = "", invitation = "" } = c.req.query();
    const user = await users.invited(fleet, invitation);
    if (!user) return spentPage(c);
    return welcomePage(c, { user, fleet, invitation });
  });

  pages.post("/welcome", "anyone", async (c) => {
    const form = formOf(c);
    const [fleet, invitation] = [form.text("fleet"), form.text("invitation")];
    const user = await users.invited(fleet, invitation);
    if (!user) return spentPage(c);
    try {
      await users.accept(fleet, invitation, form.text("password"));
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "weak_password") throw error;
      return welcomePage(c, { user, fleet, invitation, trouble: error.message });
    }
    const known = await users.credentialsOf(fleet, user.name);
    if (!known) return spentPage(c);
    giveSession(c, await sessions.begin(fleet, user, placeOf(c), known));
    return c.redirect("/", 303);
  });
}

function welcomePage(
  c: ConsoleContext,
  { user, fleet, invitation, trouble }: {
    user: User;
    fleet: string;
    invitation: string;
    trouble?: string;
  },
): Response | Promise<Response> {
  return show(c, {
    title: "Welcome",
    status: trouble === undefined ? 200 : 400,
    body: (
      <section class="card sign-in">
        <p>
          You are invited to the fleet <b>{fleet}</b> as its{" "}
          {user.role}. Set a password; a passkey can be added afterwards.
        </p>
        <form method="post" action="/welcome">
          <input type="hidden" name="fleet" value={fleet} />
          <input type="hidden" name="invitation" value={invitation} />
          <Field label="Name">
            <input name="name" value={user.name} readonly autocomplete="username" />
          </Field>
          <Field label="Password" hint={`At least ${USER_LIMITS.PASSWORD_MIN} characters`}>
            <input
              name="password"
              type="password"
              required
              minlength={USER_LIMITS.PASSWORD_MIN}
              autocomplete="new-password"
            />
          </Field>
          {trouble !== undefined && <p role="alert" class="refusal">{trouble}</p>}
          <button type="submit">Set the password and sign in</button>
        </form>
      </section>
    ),
  });
}

function spentPage(c: ConsoleContext): Response | Promise<Response> {
  return show(c, {
    title: "Welcome",
    status: 404,
    body: (
      <section class="card sign-in">
        <p role="alert" class="refusal">
          The invitation is spent or has expired. An admin can invite you again.
        </p>
        <p>
          <a href="/sign-in">To the sign-in page</a>
        </p>
      </section>
    ),
  });
}
