/** Bounds of a session, in people and milliseconds. A grant's settings change the first three. */
export const SESSION_LIMITS = {
  GUESTS: 20,
  /** How long an invitation is good. */
  INVITATION_MS: 10 * 60_000,
  /** Control that is not used goes back after so long. */
  LEASE_MS: 2 * 60_000,
  /** Who lost the connection is let in again within that. */
  RETURN_MS: 2 * 60_000,
  /** How long somebody waits for the sharing person's word. */
  CONSENT_MS: 2 * 60_000,
  /** Invitations that nobody used yet. */
  INVITATIONS: 50,
  /** Lines of chat that late guests are told. */
  CHAT_LINES: 50,
  /** Fields whose last writer is known. */
  FIELDS: 5_000,
  /** How far a guest's count may be ahead of all that was seen. */
  STAMP_AHEAD: 1_000,
} as const;
