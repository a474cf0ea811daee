import { assetPath } from "../assets/assets.ts";
import type { ConsoleContext } from "../environment.ts";
import { Field } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";

/** What the sign-in page shows. */
export interface SignInView {
  readonly fleet: string;
  readonly name?: string;
  readonly next: string;
  readonly withPasskeys: boolean;
  /** Why the last attempt failed. */
  readonly trouble?: string;
  readonly status?: 403 | 429 | 503;
}

/** The page on which users sign in. */
export function signInPage(c: ConsoleContext, view: SignInView): Response | Promise<Response> {
  const { fleet, name = "", next, withPasskeys, trouble, status } = view;
  return show(c, {
    title: "Sign in",
    ...(status && { status }),
    body: (
      <section class="card sign-in">
        <form method="post" action="/sign-in">
          <input type="hidden" name="next" value={next} />
          <Field label="Tenant" hint="As whoever runs the hub calls it: writ hub tenants">
            <input name="fleet" value={fleet} required autocomplete="organization" />
          </Field>
          <Field label="Name">
            <input name="name" value={name} required autocomplete="username webauthn" />
          </Field>
          <Field label="Password">
            <input name="password" type="password" required autocomplete="current-password" />
          </Field>
          {trouble !== undefined && <p role="alert" class="refusal">{trouble}</p>}
          <button type="submit">Sign in</button>
        </form>
        {withPasskeys && <PasskeyForm fleet={fleet} next={next} />}
      </section>
    ),
  });
}

function PasskeyForm({ fleet, next }: { fleet: string; next: string }) {
  return (
    <>
      <script type="module" src={assetPath("passkey.js")} />
      <form data-passkey="use" hidden aria-label="Sign in with a passkey">
        <p class="or">or</p>
        <input type="hidden" name="next" value={next} />
        <Field label="Tenant of the passkey">
          <input name="fleet" value={fleet} required autocomplete="organization" />
        </Field>
        <p role="alert" class="refusal" />
        <button type="submit" class="second">Sign in with a passkey</button>
      </form>
    </>
  );
}
