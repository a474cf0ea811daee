import type { ContentfulStatusCode } from "hono/utils/http-status";
import { VerificationError } from "../../core/errors.ts";
import { statusOf } from "../api/refusal.ts";
import { HubError } from "../errors.ts";
import { type UserCode, UserError } from "../users/mod.ts";
import type { ConsoleContext } from "./environment.ts";
import { show } from "./parts/layout.tsx";

const USER_STATUS: Readonly<Record<UserCode, ContentfulStatusCode>> = {
  not_found: 404,
  bad_name: 400,
  name_taken: 409,
  weak_password: 400,
  bad_credentials: 403,
  sign_in_again: 403,
  too_many_attempts: 429,
  last_admin: 409,
  bad_passkey: 400,
  too_many_passkeys: 409,
};

/** What is told of an error; undefined for one that nobody thought of. */
export function refusalOf(
  error: unknown,
): { status: ContentfulStatusCode; message: string } | undefined {
  if (error instanceof HubError && ["database", "database_newer", "state"].includes(error.code)) {
    return { status: statusOf(error.code), message: "The hub cannot use its database just now" };
  }
  if (error instanceof HubError && error.code === "disk_full") {
    const message = "The hub's disk is full: nothing was stored";
    return { status: statusOf(error.code), message };
  }
  if (error instanceof HubError) return { status: statusOf(error.code), message: error.message };
  if (error instanceof UserError) {
    return { status: USER_STATUS[error.code], message: error.message };
  }
  if (error instanceof VerificationError) return { status: 400, message: error.message };
  return undefined;
}

/** Says after how long a refused attempt may be made again. */
export function sayWhenAgain(c: ConsoleContext, error: unknown): void {
  if (!(error instanceof UserError) || error.waitSeconds === undefined) return;
  c.header("Retry-After", String(error.waitSeconds));
}

/** Shows why a page cannot be shown, or a form not be taken. */
export function refusePage(c: ConsoleContext, error: unknown): Response | Promise<Response> {
  if (error instanceof HubError && error.code === "unauthorized" && c.req.method === "GET") {
    const { pathname, search } = new URL(c.req.url);
    return c.redirect(`/sign-in?next=${encodeURIComponent(pathname + search)}`, 303);
  }
  const { status, message } = refusalOf(error) ?? { status: 500, message: "The hub failed" };
  sayWhenAgain(c, error);
  return show(c, {
    title: status === 404 ? "Not found" : "That did not work",
    status,
    body: (
      <section class="card">
        <p role="alert" class="refusal">{message}</p>
        <p>
          <a href="/">To the overview</a>
        </p>
      </section>
    ),
  });
}
