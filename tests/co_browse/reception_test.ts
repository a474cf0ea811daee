import assert from "node:assert/strict";
import { LinkConnection, receive } from "../../scripts/co-browse/host/reception.ts";
import { serveChannel } from "../../scripts/co-browse/link/channel_link.ts";
import { Parts } from "../../scripts/co-browse/wire/parts.ts";
import { WIRE_LIMITS } from "../../scripts/co-browse/wire/limits.ts";
import { SessionStage } from "./session_stage.ts";
import { until } from "../until.ts";

/** A link that takes what it is given when a test lets it. */
class SlowLink {
  waiting = 0;
  isClosed = false;
  readonly sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
    this.waiting += text.length;
  }

  close(): void {
    this.isClosed = true;
  }
}

Deno.test("LinkConnection gives a link no more at once than it takes, and all of it in sequence", async () => {
  const link = new SlowLink();
  const connection = new LinkConnection(link);
  const page = "x".repeat(2_000_000);
  connection.sendText('{"t":"mirror","events":"', page, '"}');
  connection.send({ t: "said", from: "p1", text: "later" });
  assert.ok(link.waiting < 500_000, `${link.waiting} at once`);
  assert.ok(connection.waiting >= page.length);
  await until(() => {
    link.waiting = 0;
    return connection.waiting === 0;
  });
  const parts = new Parts();
  const told = link.sent.flatMap((part) => parts.add(part) ?? []).map((text) => JSON.parse(text));
  assert.deepEqual(told, [
    { t: "mirror", events: page },
    { t: "said", from: "p1", text: "later" },
  ]);
  assert.ok(link.sent.every(({ length }) => length <= WIRE_LIMITS.PART_CHARS + 1));
});

Deno.test("LinkConnection sends nothing more once it is closed", async () => {
  const link = new SlowLink();
  const connection = new LinkConnection(link);
  connection.sendText("x".repeat(2_000_000));
  connection.close();
  const { length } = link.sent;
  link.waiting = 0;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(link.sent.length, length);
  assert.ok(link.isClosed);
});

Deno.test("LinkConnection says why it ends in the middle of a long text, and after it", () => {
  for (const chars of [10, 2_000_000]) {
    const link = new SlowLink();
    const connection = new LinkConnection(link);
    connection.sendText("x".repeat(chars));
    connection.send({ t: "said", from: "p1", text: "later" });
    connection.end("stopped");
    assert.ok(link.isClosed);
    connection.end("over");
    const parts = new Parts();
    const told = link.sent.map((part) => parts.add(part)).filter((text) => text !== undefined);
    assert.equal(told.at(-1), '{"t":"ended","why":"stopped"}');
    assert.equal(told.length, chars === 10 ? 3 : 1);
  }
});

Deno.test("receive() sends away who takes so little that all the rest has to wait", () => {
  const stage = new SessionStage();
  const link = new SlowLink();
  const { key } = stage.session.invite("watch");
  const receiver = receive(stage.session, link);
  const { id: session } = stage.session;
  receiver.take(
    JSON.stringify({ t: "hello", v: 1, session, key, name: "Eve", kind: "agent" }),
  );
  const { id } = stage.session.people[1]!;
  stage.session.admit(id);
  const [guest] = stage.session.present;
  for (let n = 0; n < 19; n++) guest!.sendMirror("x".repeat(1_000_000));
  assert.equal(stage.session.present.length, 1);
  for (let n = 0; n < 3; n++) guest!.sendMirror("x".repeat(1_000_000));
  assert.equal(stage.session.people.length, 1);
  assert.ok(link.isClosed);
  const parts = new Parts();
  const told = link.sent.flatMap((part) => parts.add(part) ?? []);
  assert.equal(told.at(-1), '{"t":"ended","why":"behind"}');
});

Deno.test("an agent that takes too little is gone, rather than told a part of something", async () => {
  const lost = Promise.withResolvers<void>();
  const events = [{ type: "joined", peer: "ben" }];
  const sent: string[] = [];
  const channel = {
    send: (text: string) => {
      sent.push(text);
      return new Promise(() => {});
    },
    async *[Symbol.asyncIterator]() {
      yield* events;
      await lost.promise;
    },
  };
  const served = serveChannel(channel as never, (_peer, link) => {
    setTimeout(() => {
      for (let i = 0; i < 500; i++) link.send("x".repeat(80_000));
    });
    return { take() {}, lost: lost.resolve };
  });
  await served;
  assert.ok(sent.length > 400 && sent.length < 500, `${sent.length}`);
});
