/** What a page says after something was done; the address names one of them, and no other text. */
const NOTICES = {
  "approved": "The agent is approved.",
  "revoked": "The agent is revoked.",
  "labelled": "The labels are set.",
  "renamed": "The name is set.",
  "token-revoked": "The token is revoked.",
  "ordered": "The order is taken: below stands how far it is.",
  "rollout-begun": "The rollout has begun with its first ring.",
  "rollout-paused": "No further ring begins until somebody says so.",
  "rollout-resumed": "The rollout goes on.",
  "rollout-halted": "The rollout is halted.",
  "rollout-returned": "Every agent that was reached is ordered to go back.",
  "cancelled": "The order is cancelled.",
  "list-taken":
    "The accept-list is taken: agents that are connected get it now, others as they connect.",
  "root-taken": "The root is taken: agents that are connected get it now, others as they connect.",
  "webhook-answered": "The address took the message.",
  "webhook-removed": "The address is told no more.",
  "role-set": "The role is set.",
  "shut-out": "The user is shut out, and signed out everywhere.",
  "let-in": "The user may sign in again.",
  "session-ended": "The session is ended.",
  "passkey-added": "The passkey is added: sign in with it from now on.",
  "passkey-removed": "The passkey is removed.",
  "signed-out": "You are signed out.",
  "signed-out-everywhere": "You are signed out everywhere.",
  "password-set": "The password is set: sign in with it.",
} as const;

/** The same, after something was tried and did not work. */
const TROUBLES = {
  "webhook-failed": "The address did not take the message: beside it stands why.",
} as const;

/** Names of what was done, or tried. */
export type Notice = keyof typeof NOTICES | keyof typeof TROUBLES;

/** The text for a name in an address; undefined for what is none. */
export function noticeOf(
  name: string | undefined,
): { text: string; isTrouble: boolean } | undefined {
  if (name === undefined) return undefined;
  for (const [texts, isTrouble] of [[NOTICES, false], [TROUBLES, true]] as const) {
    if (Object.hasOwn(texts, name)) return { text: texts[name as keyof typeof texts], isTrouble };
  }
  return undefined;
}

/** Where to go after something was done. */
export function done(path: string, notice: Notice): string {
  return `${path}${path.includes("?") ? "&" : "?"}done=${notice}`;
}
