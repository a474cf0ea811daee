import assert from "node:assert/strict";
import fc from "fast-check";
import { readMessage } from "../../../runtime/sandbox/cell_message.ts";
import {
  type Frame,
  FrameDecoder,
  FrameError,
  FROM_CELL,
  TAG_BYTES,
} from "../../../runtime/sandbox/frame.ts";
import { allowing } from "../allowed.ts";
import { chunked, mutatedBytes, mutatedText, textOf } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const TAG = new Uint8Array(TAG_BYTES).map((_, i) => i * 11 + 1);
const MAX_BODY = 4_096;
const FIGURES = '{"cpu":1,"rss":2}';
const BODIES = [
  FIGURES,
  `${FIGURES}\n{"n":2}`,
  '{"blob":"blob:null/1"}',
  '{"name":"E","message":"m","stack":"","blob":"","denied":true,"starved":false,"cpu":1,"rss":2}',
  '{"level":"info","text":"x"}',
  '{"fraction":0.5,"message":"half"}',
  '{"name":"n","data":"{\\"a\\":[1]}"}',
  '{"id":1,"task":1,"method":"attachment.read"}\n{"index":0,"offset":0,"length":1}\nbytes',
  '{"code":3}',
];
const WORDS = ["null", "1e999", "{", "[", "}", "]", '"', "\\", "\n", '"__proto__":', "-", '"cpu":'];

const kind = fc.oneof(fc.constantFrom(...Object.values(FROM_CELL)), fc.nat(255));
const body = fc.oneof(mutatedText(BODIES, WORDS), textOf(WORDS, 200))
  .map((text) => new TextEncoder().encode(text));

/** Bodies of frames as a harness writes them, and not quite so. */
export const messages: Target = {
  name: "messages",
  what: "Bodies of frames from a cell: a message, SyntaxError or RangeError, never anything else.",
  open: () =>
    probe(
      fc.record({ kind, body: fc.oneof(body, mutatedBytes(BODIES.map(encode))) }),
      (frame: Frame) => {
        const message = allowing([SyntaxError, RangeError], () => readMessage(frame));
        if (message === undefined) return;
        assert.equal(typeof message.type, "string");
        if ("figures" in message) {
          const { cpuMs, rssBytes } = message.figures;
          assert.ok(typeof cpuMs === "number" && typeof rssBytes === "number");
        }
      },
    ),
};

/** A stream of frames, spoilt, however it is cut. */
export const frames: Target = {
  name: "frames",
  what: "The cell's stdout in any chunks: the same frames as in one piece, or FrameError.",
  open: () => {
    const streams = fc.array(fc.record({ kind, body }), { maxLength: 4 })
      .map((list) => concat(list.map(tagged)));
    const bytes = fc.oneof(
      streams,
      fc.uint8Array({ maxLength: 200 }),
      streams.chain((stream) => mutatedBytes([stream], [TAG, Uint8Array.of(255, 255, 255, 255)])),
    );
    return probe(
      fc.record({ bytes, cuts: fc.array(fc.nat(1 << 16), { maxLength: 40 }) }),
      ({ bytes, cuts }) => {
        const whole = decode([bytes]);
        assert.deepEqual(decode(chunked(bytes, cuts)), whole);
        assert.ok(whole.frames.every(({ body }) => body.length <= MAX_BODY));
      },
    );
  },
};

function decode(chunks: readonly Uint8Array[]): { frames: Frame[]; error?: string } {
  const decoder = new FrameDecoder(TAG, MAX_BODY);
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) {
      for (const { kind, body } of decoder.push(chunk)) frames.push({ kind, body: body.slice() });
    }
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { frames, error: error.code };
  }
  return { frames };
}

function tagged({ kind, body }: Frame): Uint8Array {
  const head = new Uint8Array(TAG_BYTES + 5);
  head.set(TAG);
  head[TAG_BYTES] = kind;
  new DataView(head.buffer).setUint32(TAG_BYTES + 1, body.length);
  return concat([head, body]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
