import { X509Certificate } from "node:crypto";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { CliError } from "../errors.ts";
import { readRefusal, Refusal } from "./read_refusal.ts";
import { isUntrusted } from "./untrusted.ts";

interface Body {
  readonly type: string;
  readonly content: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

interface HubPage<T> {
  readonly items: T[];
  /** Absent of a list that has no pages. */
  readonly next?: string | null;
}

/** The most of a list that one answer has. */
const PAGE = 500;

/** How often what changes nothing is asked of a hub that answers 503, and what it waits for at most. */
const TRIES = 3;
const RETRY_MS = 5_000;

/** A refusal by a hub, in its words; `code` is the rule. */
export class HubRefusal extends Refusal {
  override readonly name = "HubRefusal";

  constructor(code: string, message: string) {
    super(code, message, HINTS);
  }
}

const HINTS: Readonly<Record<string, string>> = {
  unauthorized: "name the file of a token that is good: --hub-token FILE",
  key_elsewhere: "copy tenants/NAME.orderer.key there from the hub that made the tenant",
  no_orderer_key: "give the hub's key to the next root: writ hub tenants shows it",
  attachment_missing: "publish the folder that writ pack made, whole",
};

/** Asks a hub with a token. */
export class HubApi {
  readonly url: string;
  readonly #token: string;
  readonly #client: Deno.HttpClient | undefined;

  /** @param authority A certificate, as PEM, that vouches for the hub's TLS. */
  constructor(url: string, token: string, authority?: string) {
    this.url = url.replace(/\/+$/, "");
    this.#token = token;
    this.#client = authority === undefined
      ? undefined
      : Deno.createHttpClient({ caCerts: [authority] });
  }

  /**
   * Asks, and requires an answer that is not a refusal. What changes nothing is asked again of a hub
   * that says when it is worth to.
   *
   * @param path From `/` on.
   * @throws {CliError} unreachable – nobody answers
   * @throws {HubRefusal} the hub refuses
   */
  async ask(method: string, path: string, body?: Body): Promise<Response> {
    for (let left = method === "GET" ? TRIES : 1;; left--) {
      const response = await this.#fetch(method, path, body);
      if (response.ok) return response;
      const after = Number(response.headers.get("retry-after") ?? NaN) * 1000;
      if (left === 1 || response.status !== 503 || !(after <= RETRY_MS)) {
        throw await refusalOf(response);
      }
      await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, after));
    }
  }

  /** As {@linkcode ask}, with JSON both ways; `undefined` where there is no content. */
  async json<T>(method: string, path: string, value?: unknown): Promise<T> {
    const content = new TextEncoder().encode(JSON.stringify(value));
    const body = value === undefined ? undefined : { type: "application/json", content };
    const response = await this.ask(method, path, body);
    return response.status === 204 ? undefined as T : await response.json();
  }

  /**
   * Asks for a list, page by page.
   *
   * @param most How many are wanted; default: all.
   * @returns `isWhole` is false when there are more than that.
   */
  async list<T>(
    path: string,
    query: Readonly<Record<string, string | undefined>> = {},
    most = Infinity,
  ): Promise<{ items: T[]; isWhole: boolean }> {
    const asked = Object.entries(query).filter((pair): pair is [string, string] =>
      pair[1] !== undefined
    );
    const items: T[] = [];
    for (let after: string | null = null;;) {
      const limit = String(Math.min(PAGE, most - items.length));
      const page = new URLSearchParams([...asked, ["limit", limit]]);
      if (after !== null) page.set("after", after);
      const answer: HubPage<T> = await this.json("GET", `${path}?${page}`);
      items.push(...answer.items);
      after = answer.next ?? null;
      if (after === null || items.length >= most) return { items, isWhole: after === null };
    }
  }

  /** What machines pin of the hub's TLS; `undefined` where its certificate is none of its own. */
  async authority(): Promise<Digest | undefined> {
    try {
      const pem = await (await this.ask("GET", "/v1/ca")).text();
      return digestOf(new X509Certificate(pem).raw);
    } catch (error) {
      if (error instanceof HubRefusal && error.code === "not_found") return undefined;
      throw error;
    }
  }

  /** Uploads a document under its digest. */
  async upload(digest: string, content: Uint8Array | ReadableStream<Uint8Array>): Promise<void> {
    const body = content instanceof Uint8Array ? new Uint8Array(content) : content;
    const path = `/api/v1/blobs/${digest}`;
    const type = "application/octet-stream";
    await (await this.ask("PUT", path, { type, content: body })).body?.cancel();
  }

  async #fetch(method: string, path: string, body?: Body): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body && { "content-type": body.type }),
        },
        ...(body && { body: body.content }),
        ...(this.#client && { client: this.#client }),
        redirect: "error",
      });
    } catch (cause) {
      const hint = isUntrusted(cause)
        ? "name what vouches for its certificate: --hub-ca FILE"
        : "see that it runs there: writ hub";
      throw new CliError("unreachable", `Cannot reach a hub at ${this.url}`, hint, { cause });
    }
  }
}

async function refusalOf(response: Response): Promise<HubRefusal> {
  const { code, message } = await readRefusal(response, "hub");
  return new HubRefusal(code, message);
}
