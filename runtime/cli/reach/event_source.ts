/** One Server-Sent Event. */
export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** An event longer than any that an agent sends. */
const EVENT_CHARACTERS = 8 << 20;

/**
 * Reads a stream of Server-Sent Events.
 *
 * @param signal Ends the reading. That of a request does not do: once the answer has come, nothing
 * but the request holds on to it, and a request is collected as garbage.
 * @throws {RangeError} when an event has no end
 * @see HTML Living Standard, "Interpreting an event stream"
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const pending = new PendingEvent();
  let rest = "";
  let cut = false;
  let begun = false;
  for await (const piece of decoded(body, signal)) {
    const text = begun ? piece : piece.replace(/^\ufeff/, "");
    begun ||= piece !== "";
    // A line may end in CR LF, and the stream be cut between the two.
    const lines = text.slice(cut && text.startsWith("\n") ? 1 : 0).split(/\r\n|\n|\r/);
    if (text !== "") cut = text.endsWith("\r");
    lines[0] = rest + lines[0];
    rest = lines.pop()!;
    for (const line of lines) {
      const event = pending.take(line);
      if (event) yield event;
    }
    if (rest.length + pending.length > EVENT_CHARACTERS) {
      throw new RangeError("an event without an end");
    }
  }
}

/** Left to itself, Deno's decoder drops U+FEFF at the start of every chunk. */
function decoded(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): ReadableStream<string> {
  const decoder = new TextDecoderStream("utf-8", { ignoreBOM: true }) as TransformStream;
  return body.pipeThrough(decoder, signal && { signal });
}

/** The event that the lines so far belong to. */
class PendingEvent {
  /** Characters of its data. */
  length = 0;
  #id = "";
  #event = "";
  #data: string[] = [];

  /** @returns The event that this line ends. */
  take(line: string): ServerEvent | undefined {
    if (line === "") return this.#end();
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) as unknown as [string, string, string];
    if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "event") this.#event = value;
    else if (field === "data") {
      this.#data.push(value);
      this.length += value.length + 1;
    }
    return undefined;
  }

  #end(): ServerEvent | undefined {
    const [event, data] = [this.#event || "message", this.#data];
    this.#event = "";
    this.#data = [];
    this.length = 0;
    return data.length === 0 ? undefined : { id: this.#id, event, data: data.join("\n") };
  }
}
