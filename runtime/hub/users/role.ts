export const ROLES = ["viewer", "operator", "admin"] as const;

/** What a user is in a tenant; what a role may do stands in `access/`. */
export type Role = typeof ROLES[number];

/** Whether a text is the name of a role. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
