import { decodeBase64, encodeBase64 } from "../core/base64.ts";
import type { PublicKey } from "../core/documents/common.ts";
import { parsePublicKey, type Signer, verifySignature } from "../core/key.ts";
import { AuthorError } from "./errors.ts";

const REQUEST_IDENTITIES = 11;
const IDENTITIES = 12;
const SIGN_REQUEST = 13;
const SIGNED = 14;
/** An agent with a thousand keys stays far below. */
const ANSWER_BYTES = 1 << 20;
const ED25519 = "ssh-ed25519";

/**
 * Has an `ssh-agent` sign with keys that never leave it: in a locked program, or in a token behind
 * it. What we sign is a plain Ed25519 signature, which is what the agent makes for such a key.
 *
 * @see draft-ietf-sshm-ssh-agent, "Protocol Messages"
 */
export class SshAgent implements Disposable {
  readonly #conn: Deno.Conn;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** @throws {AuthorError} ssh_agent – when nobody listens on the socket */
  static async connect(socket: string): Promise<SshAgent> {
    try {
      return new SshAgent(await Deno.connect({ transport: "unix", path: socket }));
    } catch (cause) {
      const hint = 'start one and give its socket: --ssh-agent "$SSH_AUTH_SOCK"';
      throw new AuthorError("ssh_agent", `Cannot reach an ssh-agent at "${socket}"`, hint, {
        cause,
      });
    }
  }

  /** The Ed25519 keys that the agent holds. */
  async keys(): Promise<PublicKey[]> {
    const answer = await this.#ask(IDENTITIES, new Uint8Array([REQUEST_IDENTITIES]));
    const reader = new SshReader(answer);
    const keys: PublicKey[] = [];
    for (let count = reader.number(); count > 0; count--) {
      const key = keyOfBlob(reader.bytes());
      reader.bytes();
      if (key) keys.push(key);
    }
    return keys;
  }

  /**
   * Signs one message ahead, so that who signs need not wait.
   *
   * @returns A signer that knows this message only.
   * @throws {AuthorError} ssh_agent – when the agent lacks the key, refuses, or answers with
   * something that is no signature of it
   */
  async signerFor(publicKey: PublicKey, message: Uint8Array): Promise<Signer> {
    const request = joined(new Uint8Array([SIGN_REQUEST]), field(blobOf(publicKey)));
    const answer = await this.#ask(SIGNED, joined(request, field(message), new Uint8Array(4)));
    const inner = new SshReader(new SshReader(answer).bytes());
    inner.bytes();
    const signature = inner.bytes();
    if (!verifySignature(publicKey, message, signature)) {
      throw failed("it answered with no signature of that key");
    }
    return { publicKey, sign: () => signature };
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  async #ask(expected: number, request: Uint8Array): Promise<Uint8Array> {
    const message = field(request);
    for (let done = 0; done < message.length;) {
      done += await this.#conn.write(message.subarray(done));
    }
    const length = new SshReader(await this.#read(4)).number();
    if (length < 1 || length > ANSWER_BYTES) throw failed("it does not speak its protocol");
    const answer = await this.#read(length);
    if (answer[0] === expected) return answer.subarray(1);
    throw failed("it refused: it has no such key, is locked, or was not allowed to use it");
  }

  async #read(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const count = await this.#conn.read(bytes.subarray(done));
      if (count === null) throw failed("it closed the connection");
      done += count;
    }
    return bytes;
  }
}

/**
 * Reads a public key as OpenSSH writes it, `ssh-ed25519 AAAA… comment`.
 *
 * @returns `undefined` for anything else.
 */
export function publicKeyFromSsh(line: string): PublicKey | undefined {
  const [type, text = ""] = line.trim().split(/\s+/);
  const blob = type === ED25519 ? decodeBase64(text) : undefined;
  return blob && keyOfBlob(blob);
}

/** A key as agents name it. */
function blobOf(key: PublicKey): Uint8Array {
  const raw = decodeBase64(key.slice("ed25519:".length), "base64url")!;
  return joined(field(new TextEncoder().encode(ED25519)), field(raw));
}

function keyOfBlob(blob: Uint8Array): PublicKey | undefined {
  try {
    const reader = new SshReader(blob);
    if (new TextDecoder().decode(reader.bytes()) !== ED25519) return undefined;
    return parsePublicKey(`ed25519:${encodeBase64(reader.bytes(), "base64url")}`);
  } catch {
    return undefined;
  }
}

/** Reads the fields of a message, each with its length in front. */
class SshReader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  number(): number {
    if (this.#at + 4 > this.#view.byteLength) throw failed("its answer is cut short");
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  bytes(): Uint8Array {
    const length = this.number();
    const { buffer, byteOffset, byteLength } = this.#view;
    if (length > byteLength - this.#at) throw failed("its answer is cut short");
    this.#at += length;
    return new Uint8Array(buffer, byteOffset + this.#at - length, length);
  }
}

function field(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return joined(length, bytes);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function failed(what: string): AuthorError {
  return new AuthorError("ssh_agent", `Cannot sign with the ssh-agent: ${what}`);
}
