import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { UserError } from "./errors.ts";
import { USER_LIMITS } from "./limits.ts";
import { Turnstile } from "./turnstile.ts";

/** What one guess at a password costs: `128 × 2^logN × r` bytes, `p` times over. */
export interface PasswordCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/**
 * 32 MB and about a third of a second for each guess.
 *
 * @see OWASP Password Storage Cheat Sheet, "scrypt"
 */
const COST: PasswordCost = { logN: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Of all hashes of this process, as their memory is. */
const turnstile = new Turnstile(USER_LIMITS.PASSWORDS_AT_ONCE, USER_LIMITS.PASSWORDS_WAITING);

/** Makes what is stored of passwords, and holds what was typed against it. */
export class Passwords {
  readonly #cost: PasswordCost;
  readonly #prefix: string;
  readonly #stored: RegExp;

  /** @param cost Another one than the product's: what was hashed by one fits by no other. */
  constructor(cost: PasswordCost = COST) {
    const { logN, r, p } = cost;
    this.#cost = cost;
    this.#prefix = `scrypt$${logN}$${r}$${p}$`;
    const prefix = this.#prefix.replaceAll("$", "\\$");
    this.#stored = new RegExp(`^${prefix}([\\w-]{22})\\$([\\w-]{43})$`);
  }

  /**
   * What is stored of a password.
   *
   * @param name The user's, which is too easy a guess.
   * @throws {UserError} weak_password – too short, too long, or the name.
   * @throws {UserError} too_many_attempts – many others are being checked.
   */
  async hash(password: string, name: string): Promise<string> {
    const text = password.normalize("NFKC");
    const { PASSWORD_MIN, PASSWORD_MAX } = USER_LIMITS;
    if ([...text].length < PASSWORD_MIN || [...text].length > PASSWORD_MAX) {
      throw new UserError(
        "weak_password",
        `Cannot take the password as it must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`,
      );
    }
    if (
      text.toLowerCase().includes(name.toLowerCase()) && text.length < name.length + PASSWORD_MIN
    ) {
      throw new UserError("weak_password", "Cannot take the password as it is little but the name");
    }
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#derive(text, salt);
    return this.#prefix +
      `${salt.toString("base64url")}$${Buffer.from(hash).toString("base64url")}`;
  }

  /**
   * Whether a password is the one that was stored. It takes as long when nothing was stored.
   *
   * @param stored What `hash()` made; undefined for nobody.
   * @throws {UserError} too_many_attempts – many others are being checked.
   */
  async fits(password: string, stored: string | undefined): Promise<boolean> {
    const found = this.#stored.exec(stored ?? "");
    const [salt, hash] = found ? [found[1]!, found[2]!] : ["A".repeat(22), "A".repeat(43)];
    // A longer one was never taken, and is not worth the work that its length makes.
    const text = password.slice(0, 4 * USER_LIMITS.PASSWORD_MAX).normalize("NFKC");
    const derived = await this.#derive(text, Buffer.from(salt, "base64url"));
    return timingSafeEqual(derived, Buffer.from(hash, "base64url")) && found !== null;
  }

  #derive(text: string, salt: Uint8Array): Promise<Uint8Array> {
    const { logN, r, p } = this.#cost;
    const options = { N: 2 ** logN, r, p, maxmem: 64 << 20 };
    return turnstile.pass(() =>
      new Promise((resolve, reject) =>
        scrypt(
          text,
          salt,
          HASH_BYTES,
          options,
          (error, key) => error ? reject(error) : resolve(key),
        )
      )
    );
  }
}
