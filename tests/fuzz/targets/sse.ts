import fc from "fast-check";
import assert from "node:assert/strict";
import { readEvents, type ServerEvent } from "../../../runtime/cli/reach/event_source.ts";
import { chunked, mutatedText, textOf } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const SAMPLE =
  'id: 1\nevent: log\ndata: {"a":1}\n\n: hi\r\ndata: x\rdata:y\r\n\r\nevent:\ndata\n\n';
const WORDS = [
  "\n",
  "\r",
  "\r\n",
  ":",
  " ",
  "data",
  "data:",
  "data: ",
  "id: ",
  "id",
  "event: ",
  "retry: 1",
];

/** The stream of events, against the standard's algorithm written plainly. */
export const serverEvents: Target = {
  name: "sse",
  what: "Streams of server-sent events in any chunks: the events that the standard defines.",
  open: () =>
    probe(
      fc.record({
        text: fc.oneof(mutatedText([SAMPLE], WORDS), textOf([...WORDS, "\0", "\ufeff", "é"])),
        cuts: fc.array(fc.nat(1 << 16), { maxLength: 20 }),
      }),
      async ({ text, cuts }) => {
        const bytes = new TextEncoder().encode(text);
        const stream = ReadableStream.from(chunked(bytes, cuts));
        const events = await Array.fromAsync(readEvents(stream));
        assert.deepEqual(events, eventsOf(text));
      },
    ),
};

/** @see HTML Living Standard, "Interpreting an event stream" */
function eventsOf(text: string): ServerEvent[] {
  const events: ServerEvent[] = [];
  let [id, event] = ["", ""];
  let data: string[] = [];
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
  for (const line of lines.slice(0, -1)) {
    if (line === "") {
      if (data.length > 0) events.push({ id, event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id" && !value.includes("\0")) id = value;
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return events;
}
