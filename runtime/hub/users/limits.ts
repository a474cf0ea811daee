/** Every size, count and time bound of users, in one place. Times are milliseconds. */
export const USER_LIMITS = {
  /** Characters of a user's name. */
  NAME: 64,
  /** Characters of a password. */
  PASSWORD_MIN: 12,
  PASSWORD_MAX: 256,
  /** Passwords that are checked at the same time: each takes 32 MB and a processor. */
  PASSWORDS_AT_ONCE: 2,
  /** Passwords that wait for that; more are turned away at once. */
  PASSWORDS_WAITING: 32,
  /** Failures of one name that cost no wait. */
  FAILURES_OF_NAME: 5,
  /** Failures from one address that cost no wait: several people may share one. */
  FAILURES_OF_ADDRESS: 20,
  /** The first wait, which doubles with each further failure, and the longest one. */
  WAIT_MS: 30_000,
  WAIT_MAX_MS: 900_000,
  /** After this time without a failure all is forgotten. */
  FAILURES_KEPT_MS: 3_600_000,
  /** A session ends after this time, used or not. */
  SESSION_MS: 43_200_000,
  /** A session ends when it was not used for this long. */
  SESSION_IDLE_MS: 3_600_000,
  /** A session is so new that nobody else will have taken it. */
  SESSION_NEW_MS: 600_000,
  /** How often the use of a session is written down. */
  SEEN_MS: 60_000,
  /** Sessions of one user; the oldest goes. */
  SESSIONS: 16,
  /** How long an invitation may be used. */
  INVITATION_MS: 172_800_000,
  /** How long a browser may take to ask its owner for a passkey. */
  CHALLENGE_MS: 300_000,
  /** How long it is remembered that a challenge was answered. */
  ANSWERED_KEPT_MS: 7 * 86_400_000,
  /** Challenges that are open for one user. */
  CHALLENGES: 10,
  /** Passkeys of one user. */
  PASSKEYS: 10,
} as const;
