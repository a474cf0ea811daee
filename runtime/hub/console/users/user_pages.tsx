import { invitationLink, isRole, type Role, ROLES, type User } from "../../users/mod.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, formOf, type Visitor, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { Field, PostForm, Select } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { Badge, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";

type Parts = Pick<ConsoleParts, "users" | "sessions" | "now" | "origin">;

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: "viewer: sees everything but users",
  operator: "operator: also orders, and rolls out",
  admin: "admin: also approves agents, carries lists, manages users",
};

/** Who may sign in, and as what. */
export function addUserPages(pages: Pages, parts: Parts): void {
  const { users, sessions, now, origin } = parts;

  pages.get("/users", "users:read", async (c) => {
    const visitor = visitorOf(c);
    const all = await users.list(visitor.tenant);
    return show(c, {
      title: "Users",
      body: (
        <>
          <section class="card">
            <UserTable users={all} by={visitor} now={now()} />
          </section>
          <InviteForm by={visitor} />
        </>
      ),
    });
  });

  pages.post("/users", "users:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const form = formOf(c);
    const asked = { name: form.text("name"), role: roleOf(form.text("role")) };
    const { user, invitation } = await users.invite(tenant, actor.who, asked);
    return invitationPage(c, user, invitationLink(origin, tenant, invitation));
  });

  pages.post("/users/:id/invite", "users:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const user = await users.get(tenant, idOf(c));
    const invitation = await users.inviteAgain(tenant, actor.who, user.id);
    return invitationPage(c, user, invitationLink(origin, tenant, invitation));
  });

  pages.post("/users/:id/role", "users:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await users.setRole(tenant, actor.who, idOf(c), roleOf(formOf(c).text("role")));
    return c.redirect(done("/users", "role-set"), 303);
  });

  pages.post("/users/:id/shut-out", "users:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await users.setDisabled(tenant, actor.who, idOf(c), true);
    return c.redirect(done("/users", "shut-out"), 303);
  });

  pages.post("/users/:id/let-in", "users:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await users.setDisabled(tenant, actor.who, idOf(c), false);
    return c.redirect(done("/users", "let-in"), 303);
  });

  pages.post("/users/:id/sign-out", "users:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await sessions.endAll(tenant, actor.who, await users.get(tenant, idOf(c)));
    return c.redirect(done("/users", "session-ended"), 303);
  });
}

function UserTable({ users, by, now }: { users: readonly User[]; by: Visitor; now: number }) {
  const writes = by.actor.scopes.has("users:write");
  return (
    <Table
      caption="Users"
      rows={users}
      empty="There is no user."
      columns={[
        { head: "Name", cell: ({ name }) => name },
        { head: "Role", cell: (user) => writes ? <RoleForm user={user} by={by} /> : user.role },
        { head: "State", cell: (user) => <UserState user={user} /> },
        { head: "Passkeys", cell: ({ passkeys }) => passkeys },
        { head: "Here", cell: ({ seen }) => <When at={seen} now={now} /> },
        { head: "Change", cell: (user) => writes && <UserActions user={user} by={by} /> },
      ]}
    />
  );
}

function UserState({ user }: { user: User }) {
  if (user.disabled !== null) return <Badge tone="bad" word="shut out" />;
  const ready = user.hasPassword || user.passkeys > 0;
  return ready ? <Badge tone="good" word="active" /> : <Badge tone="warn" word="invited" />;
}

function RoleForm({ user, by }: { user: User; by: Visitor }) {
  return (
    <PostForm to={`/users/${user.id}/role`} by={by} label={`Role of ${user.name}`} class="inline">
      <label>
        <span class="unseen">Role of {user.name}</span>
        <Select name="role" chosen={user.role} options={ROLES.map((role) => [role, role])} />
      </label>
      <button type="submit" class="second">Set</button>
    </PostForm>
  );
}

function UserActions({ user, by }: { user: User; by: Visitor }) {
  const path = `/users/${user.id}`;
  const actions = user.disabled === null
    ? [["sign-out", "Sign out"], ["invite", "Invite again"], ["shut-out", "Shut out"]]
    : [["let-in", "Let in"]];
  return (
    <div class="buttons">
      {actions.map(([action, word]) => (
        <PostForm to={`${path}/${action}`} by={by} label={`${word}: ${user.name}`}>
          <button type="submit" class={action === "shut-out" ? "danger" : "second"}>{word}</button>
        </PostForm>
      ))}
    </div>
  );
}

function InviteForm({ by }: { by: Visitor }) {
  if (!by.actor.scopes.has("users:write")) return null;
  return (
    <section class="card">
      <h2>Invite</h2>
      <PostForm to="/users" by={by} label="Invite">
        <Field label="Name" hint="Letters, digits and . _ @ + -">
          <input name="name" required maxlength={64} autocomplete="off" />
        </Field>
        <Field label="Role">
          <Select name="role" options={ROLES.map((role) => [role, ROLE_WORDS[role]])} />
        </Field>
        <button type="submit">Invite</button>
      </PostForm>
    </section>
  );
}

function invitationPage(
  c: ConsoleContext,
  user: User,
  link: string,
): Response | Promise<Response> {
  return show(c, {
    title: `Invitation of ${user.name}`,
    body: (
      <section class="card">
        <p>
          Hand this link to{" "}
          {user.name}. It is shown once, is good for two days, and for one password.
        </p>
        <p class="secret">
          <code>{link}</code>
        </p>
        <p>
          <a href="/users">To the users</a>
        </p>
      </section>
    ),
  });
}

function roleOf(text: string): Role {
  if (isRole(text)) return text;
  throw new HubError("bad_request", "Cannot set the role as there is none of that name");
}

function idOf(c: ConsoleContext): string {
  return c.req.param("id") ?? "";
}
