import type { KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { isLoopback } from "../../core/loopback.ts";
import type { SignedBody } from "../../peer/mod.ts";
import { CliError } from "../errors.ts";
import { readRefusal, Refusal } from "./read_refusal.ts";
import { isUntrusted } from "./untrusted.ts";

/** A refusal by an agent, in its fixed words; `code` is the rule. */
export class AgentRefusal extends Refusal {
  override readonly name = "AgentRefusal";

  constructor(code: string, message: string) {
    super(code, message, HINTS);
  }
}

const CLOCKS =
  "if it should be in time, compare this machine's clock with the agent's: writ doctor";

const HINTS: Readonly<Record<string, string>> = {
  expired: CLOCKS,
  not_yet_valid: CLOCKS,
  threshold: "sign with the key of an orderer that policy/fleet.yaml names: --key FILE",
  orderer_not_entitled: 'name this orderer under "orders" in the script\'s grant',
  no_grant: "write a grant for the script: writ policy accept MANIFEST",
  unauthorized: "name the state folder of this agent with --state DIR, or a key with --key FILE",
  unknown_key: "sign with the key of an orderer that the agent's policy names: --key FILE",
};

/** What proves to an agent who asks, and to whoever asks which agent answers. */
export interface AgentAccess {
  /** The local operator's. */
  token?: string;
  /** Signs every call, where there is no token. */
  signer?: Signer;
  /** The agent that is meant; default: whichever answers. */
  id?: KeyId;
  /** The certificate that vouches for the agent's TLS, as PEM. */
  authority?: string;
}

/** What is asked, in the terms of `fetch`; a body that streams brings its digest. */
export interface Question {
  method?: string;
  headers?: HeadersInit;
  body?: Uint8Array | SignedBody;
  signal?: AbortSignal;
}

/** Talks to one agent as its operator, as an orderer, or as a stranger. */
export class AgentClient {
  readonly url: string;
  readonly #access: AgentAccess;
  readonly #http: Deno.HttpClient | undefined;
  #recipient: Promise<KeyId> | undefined;

  constructor(url: string, access: AgentAccess = {}) {
    this.url = url.replace(/\/+$/, "");
    this.#access = access;
    const { authority } = access;
    this.#http = authority === undefined
      ? undefined
      : Deno.createHttpClient({ caCerts: [authority] });
  }

  /**
   * Asks and requires an answer that is not a refusal.
   *
   * @throws {CliError} unreachable – when nobody answers
   * @throws {AgentRefusal} when the agent refuses
   */
  async ask(path: string, question: Question = {}): Promise<Response> {
    const { token, signer } = this.#access;
    const response = token === undefined && signer
      ? await this.#askSigned(path, question, signer)
      : await this.#askPlainly(path, question);
    if (response.ok) return response;
    throw await refusalOf(response);
  }

  async json<T>(path: string, question?: Question): Promise<T> {
    return await (await this.ask(path, question)).json();
  }

  async #askPlainly(path: string, { method, headers, body, signal }: Question): Promise<Response> {
    const { token } = this.#access;
    const all = new Headers(headers);
    if (token !== undefined) all.set("authorization", `Bearer ${token}`);
    try {
      return await fetch(`${this.url}${path}`, {
        ...(method !== undefined && { method }),
        headers: all,
        ...(body && { body: "stream" in body ? body.stream : new Uint8Array(body) }),
        ...(signal && { signal }),
        ...(this.#http && { client: this.#http }),
        redirect: "error",
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw this.#unreachable(cause);
    }
  }

  async #askSigned(path: string, question: Question, signer: Signer): Promise<Response> {
    const { PeerError, signedFetch } = await import("../../peer/mod.ts");
    try {
      return await signedFetch(`${this.url}${path}`, {
        ...question,
        signer,
        recipient: await (this.#recipient ??= this.#findRecipient()),
        ...(this.#http && { client: this.#http }),
        // The only answers without a digest are streams of events, for whoever watches.
        unsafeUncoveredBody: true,
      });
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      if (error.code === "unreachable") throw this.#unreachable(error.cause);
      if (error.refusal === undefined) throw error;
      throw new AgentRefusal(error.refusal, `The agent refused the call: ${error.refusal}`);
    }
  }

  /** A call is signed for one agent, so that nobody can pass it on to another. */
  async #findRecipient(): Promise<KeyId> {
    const response = await this.#askPlainly("/v1/info", {});
    if (!response.ok) throw await refusalOf(response);
    const { agent } = await response.json();
    const { parseAgentId } = await import("../../peer/mod.ts");
    const found = parseAgentId(String(agent));
    const { id } = this.#access;
    if (id === undefined || found === id) return found;
    throw new CliError("refused", `Cannot ask ${this.url} as it is another agent: ${found}`);
  }

  #unreachable(cause: unknown): CliError {
    const untrusted = isUntrusted(cause);
    return new CliError(
      "unreachable",
      `Cannot reach an agent at ${this.url}` +
        (untrusted ? " as nobody who is trusted vouches for its certificate" : ""),
      untrusted
        ? "name what the agent's start told: --ca sha256:…, or the file ca.pem of its state"
        : isLoopback(new URL(this.url).hostname)
        ? "start it with: writ agent"
        : "see that it runs there and what its start told; off loopback it is https",
      { cause },
    );
  }
}

async function refusalOf(response: Response): Promise<AgentRefusal> {
  const { code, message } = await readRefusal(response, "agent");
  return new AgentRefusal(code, message);
}
