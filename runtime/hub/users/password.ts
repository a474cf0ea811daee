import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { UserError } from "./errors.ts";
import { USER_LIMITS } from "./limits.ts";
import { Turnstile } from "./turnstile.ts";

/**
 * 32 MB and about a third of a second for each guess.
 *
 * @see OWASP Password Storage Cheat Sheet, "scrypt"
 */
const COST = { N: 1 << 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const STORED = /^scrypt\$15\$8\$3\$([\w-]{22})\$([\w-]{43})$/;

/** Held against what a user without a password, or nobody, typed: it takes as long and never fits. */
const NOBODY = `scrypt$15$8$3$${"A".repeat(22)}$${"A".repeat(43)}`;

const turnstile = new Turnstile(USER_LIMITS.PASSWORDS_AT_ONCE, USER_LIMITS.PASSWORDS_WAITING);

/**
 * What is stored of a password.
 *
 * @param name The user's, which is too easy a guess.
 * @throws {UserError} weak_password – too short, too long, or the name.
 * @throws {UserError} too_many_attempts – many others are being checked.
 */
export async function hashPassword(password: string, name: string): Promise<string> {
  const text = password.normalize("NFKC");
  const { PASSWORD_MIN, PASSWORD_MAX } = USER_LIMITS;
  if ([...text].length < PASSWORD_MIN || [...text].length > PASSWORD_MAX) {
    throw new UserError(
      "weak_password",
      `Cannot take the password as it must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`,
    );
  }
  if (text.toLowerCase().includes(name.toLowerCase()) && text.length < name.length + PASSWORD_MIN) {
    throw new UserError("weak_password", "Cannot take the password as it is little but the name");
  }
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(text, salt);
  return `scrypt$15$8$3$${salt.toString("base64url")}$${Buffer.from(hash).toString("base64url")}`;
}

/**
 * Whether a password is the one that was stored. It takes as long when nothing was stored.
 *
 * @param stored What `hashPassword()` made; undefined for nobody.
 * @throws {UserError} too_many_attempts – many others are being checked.
 */
export async function passwordFits(password: string, stored: string | undefined): Promise<boolean> {
  const [, salt, hash] = STORED.exec(stored ?? NOBODY) ?? STORED.exec(NOBODY)!;
  // A longer one was never taken, and is not worth the work that its length makes.
  const text = password.slice(0, 4 * USER_LIMITS.PASSWORD_MAX).normalize("NFKC");
  const derived = await derive(text, Buffer.from(salt!, "base64url"));
  return timingSafeEqual(derived, Buffer.from(hash!, "base64url")) && stored !== undefined;
}

function derive(text: string, salt: Uint8Array): Promise<Uint8Array> {
  return turnstile.pass(() =>
    new Promise((resolve, reject) =>
      scrypt(
        text,
        salt,
        HASH_BYTES,
        { ...COST, maxmem: 64 << 20 },
        (error, key) => error ? reject(error) : resolve(key),
      )
    )
  );
}
