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
 * @throws {RangeError} when an event has no end
 * @see HTML Living Standard, "Interpreting an event stream"
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let rest = "";
  let id = "";
  let event = "message";
  let data: string[] = [];
  for await (const text of body.pipeThrough(new TextDecoderStream() as TransformStream)) {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    if (rest.length > EVENT_CHARACTERS) throw new RangeError("an event without an end");
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { id, event, data: data.join("\n") };
        event = "message";
        data = [];
        continue;
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
      if (field === "id") id = value!;
      else if (field === "event") event = value!;
      else if (field === "data") data.push(value!);
    }
  }
}
