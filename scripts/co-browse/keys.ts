/** A key that nobody guesses: 192 bits. */
export function newKey(): string {
  return crypto.getRandomValues(new Uint8Array(24)).toHex();
}

/** Names a session; it is no secret. */
export function newSessionId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}

const INVITATION = /^([0-9a-f]{16})\.([0-9a-f]{48})$/;

/** An invitation as people hand it on. */
export function writeInvitation(session: string, key: string): string {
  return `${session}.${key}`;
}

/** @returns Nothing for what is none. */
export function readInvitation(text: unknown): { session: string; key: string } | undefined {
  const [, session, key] = INVITATION.exec(String(text)) ?? [];
  return session && key ? { session, key } : undefined;
}

/** Whether somebody knows a key, in the same time for every guess. */
export function isSame(key: string, guess: string): boolean {
  if (guess.length !== key.length) return false;
  let different = 0;
  for (let i = 0; i < key.length; i++) different |= key.charCodeAt(i) ^ guess.charCodeAt(i);
  return different === 0;
}
