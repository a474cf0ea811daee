import type { Hono } from "hono";
import type { ConsoleEnv } from "../../../runtime/hub/console/environment.ts";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A browser, as far as forms and cookies go. */
export class Visit {
  readonly #app: Hono<ConsoleEnv>;
  readonly #origin: string;
  cookie = "";

  constructor(app: Hono<ConsoleEnv>, origin: string) {
    this.#app = app;
    this.#origin = origin;
  }

  /** Opens a page. */
  async open(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return await this.#take(path, { headers: { ...this.#headers(), ...headers } });
  }

  /** Sends a form, with what a page of this session puts into each. */
  async send(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const form = { ...(this.cookie === "" ? {} : { form: await this.formToken() }), ...fields };
    return await this.#take(path, {
      method: "POST",
      headers: { ...this.#headers(), origin: this.#origin, ...headers },
      body: new URLSearchParams(form),
    });
  }

  /** Sends a form with documents. */
  async sendFiles(
    path: string,
    fields: Record<string, string>,
    files: readonly File[],
  ): Promise<Answer> {
    const body = new FormData();
    for (const [name, value] of Object.entries({ form: await this.formToken(), ...fields })) {
      body.append(name, value);
    }
    for (const file of files) body.append("files", file);
    const headers = { ...this.#headers(), origin: this.#origin };
    return await this.#take(path, { method: "POST", headers, body });
  }

  /** As the page has it. */
  async formToken(): Promise<string> {
    const { text } = await this.open("/");
    return /name="form" value="([^"]+)"/.exec(text)?.[1] ?? "";
  }

  #headers(): Record<string, string> {
    const { host } = new URL(this.#origin);
    return this.cookie === "" ? { host } : { host, cookie: this.cookie };
  }

  async #take(path: string, init: RequestInit): Promise<Answer> {
    const remoteAddr = { transport: "tcp", hostname: "192.0.2.7", port: 1 };
    const answer = await this.#app.request(`${this.#origin}${path}`, init, { remoteAddr });
    const set = answer.headers.get("set-cookie");
    if (set) this.cookie = set.includes("Max-Age=0") ? "" : set.slice(0, set.indexOf(";"));
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }
}
