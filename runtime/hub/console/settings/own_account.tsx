import { type Passkey, type Session, USER_LIMITS } from "../../users/mod.ts";
import { assetPath } from "../assets/assets.ts";
import type { Visitor } from "../environment.ts";
import { browserWords } from "../parts/browser_words.ts";
import { Field, PostForm } from "../parts/form.tsx";
import { Badge, Said, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";

/** Where the user is signed in. */
export function SessionSection(
  { sessions, by, now }: { sessions: readonly Session[]; by: Visitor; now: number },
) {
  return (
    <section class="card">
      <h2>Where you are signed in</h2>
      <Table
        caption="Sessions"
        rows={sessions}
        empty=""
        columns={[
          {
            head: "Browser",
            cell: ({ browser }) => <Said text={browserWords(browser)} most={80} />,
          },
          { head: "Address", cell: ({ address }) => <Said text={address} /> },
          { head: "Since", cell: ({ created }) => <When at={created} now={now} /> },
          {
            head: "",
            cell: ({ id }) =>
              id === by.session.id
                ? <Badge tone="good" word="this one" />
                : (
                  <PostForm to={`/settings/sessions/${id}/end`} by={by} label="End the session">
                    <button type="submit" class="second">End</button>
                  </PostForm>
                ),
          },
        ]}
      />
      <PostForm to="/sign-out-everywhere" by={by} label="Sign out everywhere">
        <button type="submit" class="danger">Sign out everywhere</button>
      </PostForm>
    </section>
  );
}

/** For whoever keeps passwords for people: whose it is. */
function OwnName({ by }: { by: Visitor }) {
  return (
    <input
      class="unseen"
      name="username"
      value={by.user.name}
      autocomplete="username"
      readonly
      tabindex={-1}
      aria-hidden="true"
    />
  );
}

function CurrentPassword() {
  return (
    <Field label="Current password">
      <input type="password" name="current" required autocomplete="current-password" />
    </Field>
  );
}

/** Setting another password. */
export function PasswordSection({ by }: { by: Visitor }) {
  return (
    <section class="card">
      <h2>Password</h2>
      <PostForm to="/settings/password" by={by} label="Password">
        <OwnName by={by} />
        {by.user.hasPassword && <CurrentPassword />}
        <Field label="New password" hint={`At least ${USER_LIMITS.PASSWORD_MIN} characters`}>
          <input
            type="password"
            name="password"
            required
            minlength={USER_LIMITS.PASSWORD_MIN}
            autocomplete="new-password"
          />
        </Field>
        <button type="submit" class="second">Set the password</button>
      </PostForm>
    </section>
  );
}

/** The user's passkeys. */
export function PasskeySection(
  { passkeys, by, now }: { passkeys: readonly Passkey[]; by: Visitor; now: number },
) {
  return (
    <section class="card">
      <h2>Passkeys</h2>
      <script type="module" src={assetPath("passkey.js")} />
      <Table
        caption="Passkeys"
        rows={passkeys}
        empty="You have none: the password alone signs you in."
        columns={[
          { head: "Name", cell: ({ name }) => <Said text={name} /> },
          { head: "Made", cell: ({ created }) => <When at={created} now={now} /> },
          { head: "Used", cell: ({ used }) => <When at={used} now={now} /> },
          {
            head: "",
            cell: ({ id }) => (
              <PostForm to="/settings/passkeys/remove" by={by} label="Remove the passkey">
                <input type="hidden" name="id" value={id} />
                <button type="submit" class="danger">Remove</button>
              </PostForm>
            ),
          },
        ]}
      />
      <form data-passkey="make" hidden aria-label="Add a passkey">
        <input type="hidden" name="form" value={by.formToken} />
        <Field label="Name of the passkey" hint="For you to tell it from others">
          <input name="name" required maxlength={64} autocomplete="off" />
        </Field>
        <OwnName by={by} />
        {by.user.hasPassword && <CurrentPassword />}
        <p role="alert" class="refusal" />
        <button type="submit" class="second">Add a passkey</button>
      </form>
    </section>
  );
}
