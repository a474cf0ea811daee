import {
  type CapabilityHost,
  type CellFetch,
  FetchFailed,
  type LiveScript,
  type RunEvent,
  type RunReport,
  type RunRequest,
} from "../../runtime/sandbox/mod.ts";
import type { Limits } from "../../runtime/core/documents/grant.ts";

/** Requests for a hostile script's `fetch` in a live cell. */
export interface Served {
  /** Asked at the same time, begun in this order. The first one's end is the attack's. */
  readonly paths: readonly string[];
  /** One after another instead, until one does not end well, whose end is the attack's. */
  readonly inTurn?: boolean;
  /** Length of the body of each, zeros; default: none. */
  readonly bodyBytes?: number;
}

const CHUNK_BYTES = 65_536;

/**
 * Asks what an attack is asked. A first request that ends well has the bodies of all as its result.
 *
 * @param request What each is lent, and who is told its events.
 */
export async function serve(
  script: Pick<LiveScript, "fetch">,
  served: Served,
  limits: Limits,
  { capabilities, onEvent }: Pick<RunRequest, "capabilities" | "onEvent">,
): Promise<RunReport> {
  const shared = {
    ...(capabilities && { capabilities }),
    onEvent: (event: RunEvent) => onEvent?.(event),
  };
  const ask = (path: string) => ended(script, { ...requestFor(path, served, limits), ...shared });
  if (served.inTurn) {
    let last: Answer | undefined;
    for (const path of served.paths) {
      last = await ask(path);
      if (last.report.outcome.outcome !== "ok") break;
    }
    return last!.report;
  }
  const answers = await Promise.all(served.paths.map(ask));
  const { outcome, figures } = answers[0]!.report;
  if (outcome.outcome !== "ok") return { outcome, figures };
  return { outcome: { outcome: "ok", result: answers.map(({ text }) => text) }, figures };
}

interface Answer {
  readonly text: string;
  readonly report: RunReport;
}

async function ended(script: Pick<LiveScript, "fetch">, request: CellFetch): Promise<Answer> {
  try {
    const { body, report } = await script.fetch(request);
    const text = await new Response(body).text().catch(() => "");
    return { text, report: await report };
  } catch (error) {
    if (error instanceof FetchFailed) return { text: "", report: error.report };
    throw error;
  }
}

function requestFor(
  path: string,
  { bodyBytes = 0 }: Served,
  { wallMs }: Limits,
): CellFetch {
  return {
    method: bodyBytes > 0 ? "POST" : "GET",
    url: `http://script.invalid${path}`,
    headers: [],
    body: bodyBytes > 0 ? zeros(bodyBytes) : null,
    caller: { kind: "public", address: "192.0.2.1" },
    limits: { wallMs, idleMs: wallMs, bodyBytes },
  };
}

function zeros(length: number): ReadableStream<Uint8Array> {
  let left = length;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(CHUNK_BYTES, left);
      left -= size;
      controller.enqueue(new Uint8Array(size));
      if (left === 0) controller.close();
    },
  }, { highWaterMark: 0 });
}

/** What an attack is lent: a store that takes everything, and never answers for the key `slow`. */
export const HOSTILE_STORE: CapabilityHost = {
  offered: { store: {} },
  call: (_method, params) => {
    const { key } = params as { key: unknown };
    return key === "slow" ? new Promise(() => {}) : Promise.resolve({});
  },
};
