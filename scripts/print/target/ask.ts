import { PrintError } from "../errors.ts";
import { decodeIpp } from "../ipp/decode.ts";
import { encodeIpp } from "../ipp/encode.ts";
import {
  BOUNDS,
  GROUP,
  type IppAttributes,
  type IppGroup,
  type IppMessage,
  IppSyntaxError,
  TAG,
} from "../ipp/message.ts";
import { mayPassLater, statusName } from "../ipp/status.ts";
import { attributesFrom, attributesOf, plain, type Row, textOf } from "../ipp/values.ts";

/** A printer, and in whose name it is asked. */
export interface Asked {
  /** `ipp://…`, as the printer knows itself. */
  readonly uri: string;
  /** The same as `http://…`. */
  readonly url: string;
  readonly user: string;
}

/** What goes with one operation. */
export interface AskOptions {
  readonly signal: AbortSignal;
  readonly template?: IppAttributes;
  /** Each piece is given away. */
  readonly document?: ReadableStream<Uint8Array>;
}

/** Time for an answer, and for the next piece of a document, which is read at the speed of paper. */
const PATIENCE_MS = { answer: 30_000, piece: 120_000 };

/**
 * Asks a printer for one operation. Nothing is believed of the answer but its shape.
 *
 * @throws {PrintError} unavailable, bad_answer, refused – when there is no such answer
 * @throws the signal's reason, or what reading the document threw
 */
export async function ask(
  asked: Asked,
  operation: number,
  rows: readonly Row[],
  options: AskOptions,
): Promise<IppMessage> {
  const { signal, document } = options;
  const request = newRequest(asked, operation, rows, options.template);
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = (ms: number) => {
    clearTimeout(timer);
    if (!late.signal.aborted) timer = setTimeout(() => late.abort(), ms);
  };
  let broken: { error: unknown } | undefined;
  async function* withDocument() {
    yield encodeIpp(request);
    try {
      for await (const chunk of document!) {
        patience(PATIENCE_MS.piece);
        yield chunk;
        giveBack(chunk);
      }
    } catch (error) {
      broken = { error };
      throw error;
    }
    patience(PATIENCE_MS.answer);
  }
  patience(PATIENCE_MS.answer);
  try {
    const response = await fetch(asked.url, {
      method: "POST",
      headers: { "content-type": "application/ipp" },
      body: document ? ReadableStream.from(withDocument()) : encodeIpp(request),
      redirect: "error",
      signal: AbortSignal.any([signal, late.signal]),
    });
    const { message } = decodeIpp(await readAnswer(response));
    const { version } = message;
    if (message.requestId === request.requestId && (version >> 8 === 1 || version >> 8 === 2)) {
      return message;
    }
    throw new PrintError("bad_answer", "the printer answered another request or IPP version");
  } catch (error) {
    signal.throwIfAborted();
    if (broken) throw broken.error;
    const name = error instanceof Error ? error.name : "";
    if (error instanceof PrintError || name === "NotCapable") throw error;
    if (error instanceof IppSyntaxError) {
      const found = `the printer does not speak IPP: ${error.message}`;
      throw new PrintError("bad_answer", found, { cause: error });
    }
    const found = late.signal.aborted ? "does not answer in time" : "cannot be reached";
    const doubt = document ? ", and whether it prints is not known" : "";
    throw new PrintError("unavailable", `${asked.uri} ${found}${doubt}`, { cause: error });
  } finally {
    clearTimeout(timer);
    late.abort(); // What is left of a document that the printer answered early.
  }
}

/** Shorter pieces are left to the collector. */
const LONG_BYTES = 16_384;

/** The memory of a piece that was sent, at once: the collector comes when many of them lie about. */
function giveBack({ length, buffer }: Uint8Array): void {
  const isWhole = length === buffer.byteLength;
  if (isWhole && length >= LONG_BYTES && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/**
 * The answer, when the printer says that it did what was asked.
 *
 * @throws {PrintError} unavailable, refused – with the printer's own words
 */
export function accepted(answer: IppMessage, what: string): IppMessage {
  if (answer.code < 0x0100) return answer;
  const code = mayPassLater(answer.code) ? "unavailable" : "refused";
  throw new PrintError(code, `the printer will not ${what}: ${words(answer)}`);
}

/** What an answer says, for people. */
export function words(answer: IppMessage): string {
  const said = textOf(attributesOf(answer, GROUP.operation), "status-message");
  return statusName(answer.code) + (said ? `, ${plain(said)}` : "");
}

let lastRequest = 0;

function newRequest(
  { uri, user }: Asked,
  operation: number,
  rows: readonly Row[],
  template: IppAttributes | undefined,
): IppMessage {
  const attributes = attributesFrom([
    ["attributes-charset", TAG.charset, "utf-8"],
    ["attributes-natural-language", TAG.language, "en"],
    ["printer-uri", TAG.uri, uri],
    ["requesting-user-name", TAG.name, user],
    ...rows,
  ]);
  // A job is named right behind its printer (RFC 8011, "Operation Targets").
  const { "job-id": id, ...others } = Object.fromEntries(attributes);
  const entries = Object.entries(others);
  if (id) entries.splice(3, 0, ["job-id", id]);
  const groups: IppGroup[] = [{ tag: GROUP.operation, attributes: new Map(entries) }];
  if (template?.size) groups.push({ tag: GROUP.job, attributes: template });
  lastRequest = lastRequest % 0x7fffffff + 1;
  // 1.1 is what every printer of 2.x takes too, and nothing here needs more.
  return { version: 0x0101, code: operation, requestId: lastRequest, groups };
}

async function readAnswer(response: Response): Promise<Uint8Array> {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (response.status !== 200 || type !== "application/ipp") {
    await response.body?.cancel();
    const found = `HTTP ${response.status}, ${plain(type ?? "no content type")}`;
    throw new PrintError(response.ok ? "bad_answer" : "refused", `the printer answered ${found}`);
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > BOUNDS.bytes) {
      throw new PrintError("bad_answer", "the printer's answer is over 1 MiB");
    }
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
