import { CliError } from "./errors.ts";

/** A refusal by an agent, in its fixed words; `code` is the rule. */
export class AgentRefusal extends Error {
  override readonly name = "AgentRefusal";
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
    this.hint = HINTS[code];
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
  unauthorized: "name the state folder of this agent with --state DIR",
};

/** Talks to one agent as its operator, or as a stranger when there is no token. */
export class AgentClient {
  readonly url: string;
  readonly #token: string | undefined;

  constructor(url: string, token?: string) {
    this.url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  /**
   * Asks and requires an answer that is not a refusal.
   *
   * @throws {CliError} unreachable – when nobody answers
   * @throws {AgentRefusal} when the agent refuses
   */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token}`);
    let response: Response;
    try {
      response = await fetch(`${this.url}${path}`, { ...init, headers, redirect: "error" });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new CliError(
        "unreachable",
        `Cannot reach an agent at ${this.url}`,
        "start it with: writ agent",
        { cause },
      );
    }
    if (response.ok) return response;
    throw await refusalOf(response);
  }

  async json<T>(path: string, init?: RequestInit): Promise<T> {
    return await (await this.ask(path, init)).json();
  }
}

async function refusalOf(response: Response): Promise<AgentRefusal> {
  const text = (await response.text()).slice(0, 10_000);
  try {
    const { error } = JSON.parse(text);
    if (typeof error.code === "string") {
      return new AgentRefusal(error.code, `The agent refused: ${error.message}`);
    }
  } catch {
    // Not an agent, or a proxy in front of it.
  }
  return new AgentRefusal("bad_answer", `The agent answered with status ${response.status}`);
}
