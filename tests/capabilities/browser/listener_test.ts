import assert from "node:assert/strict";
import { splitMessages } from "../../../runtime/capabilities/browser/cdp/pipe.ts";
import { Listener } from "../../../runtime/capabilities/browser/listener.ts";

const LOST = () => '{"type":"lost"}';
const never = new AbortController().signal;
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

Deno.test("Listener gives what has come, in pieces that fit, and waits for more", async () => {
  const listener = new Listener();
  const waiting = listener.next(100, never, LOST);
  listener.push("one");
  assert.equal(text(await waiting), "one\n");
  listener.push("two");
  listener.push("three");
  assert.equal(text(await listener.next(6, never, LOST)), "two\nth");
  assert.equal(text(await listener.next(100, never, LOST)), "ree\n");
  listener.push("four");
  listener.end();
  assert.equal(text(await listener.next(100, never, LOST)), "four\n");
  assert.equal(await listener.next(100, never, LOST), undefined);
});

Deno.test("Listener tells one that is too slow what it missed, and breaks no line", async () => {
  const listener = new Listener();
  listener.push("a long first line");
  assert.equal(text(await listener.next(6, never, LOST)), "a long");
  for (let n = 0; n < 3_000; n++) listener.push("x");
  assert.match(
    text(await listener.next(100_000, never, LOST)),
    /^ first line\n\{"type":"lost"\}\n/,
  );
});

Deno.test("Listener.next() ends with the run that asked, and listens to its end no more", async () => {
  const listener = new Listener();
  const run = new AbortController();
  const waiting = listener.next(100, run.signal, LOST);
  run.abort();
  assert.equal(await waiting, undefined);
});

Deno.test("splitMessages() cuts at zero bytes, wherever pieces end, and bounds what waits", async () => {
  const encoder = new TextEncoder();
  const whole = encoder.encode("one\0zwei ü\0\0three");
  for (let size = 1; size <= whole.length; size++) {
    const pieces = async function* () {
      for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size);
    };
    const found: string[] = [];
    for await (const message of splitMessages(pieces())) found.push(message);
    assert.deepEqual(found, ["one", "zwei ü", ""], `in pieces of ${size}`);
  }
});

Deno.test("splitMessages() keeps only the head of what is too long, and goes on after it", async () => {
  const encoder = new TextEncoder();
  const long = "x".repeat(200);
  const messages = [`{"id":7,"result":"${long}"}`, `{"method":"${long}"}`, `{"id":8}`, ""];
  const pieces = async function* () {
    for (const byte of encoder.encode(messages.join("\0"))) yield Uint8Array.of(byte);
  };
  const found: string[] = [];
  for await (const message of splitMessages(pieces(), 150)) found.push(message);
  const [refused, next] = found.map((message) => JSON.parse(message));
  assert.deepEqual([refused.id, typeof refused.error.message, next], [7, "string", { id: 8 }]);
  assert.equal(found.length, 2);
});
