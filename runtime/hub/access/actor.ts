import { HubError } from "../errors.ts";

/** What may be done at the hub; a token or a role has some of these. */
export const SCOPES = [
  "agents:read",
  "agents:write",
  "orders:read",
  "orders:write",
  "lists:read",
  "lists:write",
  "rollouts:read",
  "rollouts:write",
  "audit:read",
  "users:read",
  "users:write",
  "tokens:write",
] as const;

/** One thing that may be done. */
export type Scope = typeof SCOPES[number];

/** Who asks, for which tenant, and what they may do. */
export interface Actor {
  readonly tenant: string;
  /** As the audit log names them: `user:anna`, `token:ci#4f0c1a`, `system`. */
  readonly who: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The id of the user who asks, or on whose behalf a token was made. */
  readonly user?: string;
  /** The id of the token by which a program asks. */
  readonly token?: string;
  /** When this ends; nothing that it makes for programs lasts longer. */
  readonly expires?: number | null;
}

const READ: readonly Scope[] = [
  "agents:read",
  "orders:read",
  "lists:read",
  "rollouts:read",
  "audit:read",
];

/** What the users of each role may do. */
export const ROLE_SCOPES: Readonly<Record<"viewer" | "operator" | "admin", readonly Scope[]>> = {
  viewer: READ,
  operator: [...READ, "orders:write", "rollouts:write"],
  admin: SCOPES,
};

/** @throws {HubError} forbidden – the actor may not do this */
export function requireScope({ who, scopes }: Actor, scope: Scope): void {
  if (scopes.has(scope)) return;
  throw new HubError("forbidden", `Cannot let ${who} do this without the scope ${scope}`);
}
