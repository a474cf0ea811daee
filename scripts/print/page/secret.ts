import type { Store } from "writ";

/** Where the secret of this agent's forms lies. */
const KEY = "page-secret";

/**
 * What a form must bring along: only who could read the page knows it, and no page of another site
 * can. Kept, so that a page outlives a restart.
 */
export async function secretOf(store: Store): Promise<string> {
  const known = await store.get<string>(KEY);
  if (known) return known;
  const secret = crypto.getRandomValues(new Uint8Array(24)).toHex();
  await store.batch([{ set: KEY, value: secret }], [{ key: KEY, equals: undefined }]);
  return (await store.get<string>(KEY))!;
}

/** Whether somebody knows it, in the same time for every guess. */
export function isSecret(secret: string, guess: unknown): boolean {
  if (typeof guess !== "string" || guess.length !== secret.length) return false;
  let different = 0;
  for (let i = 0; i < secret.length; i++) {
    different |= secret.charCodeAt(i) ^ guess.charCodeAt(i);
  }
  return different === 0;
}
