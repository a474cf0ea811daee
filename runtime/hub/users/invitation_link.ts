/** Where an invitation is taken up. */
export function invitationLink(origin: string, tenant: string, invitation: string): string {
  return `${origin}/welcome?${new URLSearchParams({ fleet: tenant, invitation })}`;
}
