import { AgentError, messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import { readBounded } from "./read_bounded.ts";
import type { Source } from "./source.ts";

/**
 * A static web server or another agent. It can withhold and nothing more: no redirect is followed
 * (it could point the agent at machines that only the agent reaches), no encoding is accepted (a
 * small body could unpack to a large one), and every answer has a size and a deadline.
 */
export class HttpSource implements Source {
  readonly name: string;
  readonly #base: string;
  readonly #deadlineMs: number;

  /**
   * @param base `http:` or `https:`, without query and fragment.
   * @param deadlineMs For one file, from the request to its last byte.
   */
  constructor(base: string, deadlineMs: number = AGENT_LIMITS.SOURCE_DEADLINE_MS) {
    this.name = base;
    this.#base = base.endsWith("/") ? base : `${base}/`;
    this.#deadlineMs = deadlineMs;
  }

  async read(
    path: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const url = this.#base + path;
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    try {
      const response = await fetch(url, {
        redirect: "manual",
        credentials: "omit",
        headers: { "accept-encoding": "identity" },
        signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
      });
      const body = checkedBody(response, url);
      if (!body) {
        await response.body?.cancel();
        return undefined;
      }
      return await readBounded(body, maxBytes, url);
    } catch (error) {
      if (error instanceof AgentError) throw error;
      const [code, found] = deadline.aborted
        ? ["source_deadline", `no full answer within ${this.#deadlineMs} ms`] as const
        : ["source_unreachable", messageOf(error)] as const;
      throw new AgentError(code, `Cannot read "${url}": ${found}`, { cause: error });
    }
  }
}

function checkedBody(response: Response, url: string): ReadableStream<Uint8Array> | undefined {
  const { status, headers, body } = response;
  const refuse = (code: "source_redirect" | "source_encoding" | "source_answer", found: string) => {
    body?.cancel().catch(() => {});
    return new AgentError(code, `Cannot read "${url}": ${found}`);
  };
  if (status === 404 || status === 410) return undefined;
  if (status >= 300 && status < 400) throw refuse("source_redirect", "it answered with a redirect");
  if (status !== 200 || !body) throw refuse("source_answer", `it answered with status ${status}`);
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw refuse("source_encoding", `it answered with content encoding "${encoding}"`);
  }
  return body;
}
