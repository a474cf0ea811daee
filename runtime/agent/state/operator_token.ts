import { createHash, timingSafeEqual } from "node:crypto";
import { AgentError } from "../errors.ts";
import { readPrivateFile } from "./private_file.ts";

const FORM = /^[A-Za-z0-9_-]{43}$/;

/**
 * The secret by which the local operator is known: 32 random bytes in base64url, made at the first
 * start. Being on the same machine is no proof of anything, reading this file is.
 *
 * @throws {AgentError} key_unreadable – the file holds something else, or others may read it.
 */
export function loadOperatorToken(path: string): string {
  const token = readPrivateFile(path, () => makeToken() + "\n").trim();
  if (FORM.test(token)) return token;
  throw new AgentError(
    "key_unreadable",
    `Cannot use "${path}" as it is no operator token: it is not 43 characters`,
  );
}

/** A check in constant time: both sides are hashed, so their lengths tell nothing either. */
export function tokenCheck(token: string): (candidate: string) => boolean {
  const expected = sha256(token);
  return (candidate) => timingSafeEqual(sha256(candidate), expected);
}

function makeToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
