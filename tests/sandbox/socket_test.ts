import assert from "node:assert/strict";
import { type CellSocket, Sandbox } from "../../runtime/sandbox/mod.ts";
import { asking, failureOf, live } from "./live_cells.ts";

const ECHO = `(request, ctx) => {
  const { socket, response } = ctx.upgradeWebSocket();
  socket.onmessage = ({ data }) => {
    if (data === "bye") socket.close(3001, "as you wish");
    else socket.send(data);
  };
  socket.onclose = ({ code, wasClean }) => ctx.emit("closed", [code, wasClean]);
  return response;
}`;

async function opened(sandbox: Sandbox, source = ECHO) {
  const script = live(sandbox, source);
  return { script, ...await asked(script) };
}

/** A socket of a script. */
async function asked(script: ReturnType<typeof live>) {
  const events: unknown[] = [];
  const response = await script.fetch(asking("/", {
    upgrade: true,
    onEvent: (event) => event.type === "event" && events.push(event.data),
  }));
  assert.equal(response.status, 101);
  return { response, events, ...ends(response.socket!) };
}

function ends(socket: CellSocket) {
  return { socket, reader: socket.readable.getReader(), writer: socket.writable.getWriter() };
}

Deno.test("ctx.upgradeWebSocket() carries text and bytes both ways, in order", async () => {
  await using sandbox = await Sandbox.open();
  const { writer, reader } = await opened(sandbox);
  for (const message of ["one", "", "drei ü", new Uint8Array([1, 0, 255])]) {
    await writer.write(message);
    assert.deepEqual((await reader.read()).value, message);
  }
});

Deno.test("a socket that the script closes says with what, after its last message", async () => {
  await using sandbox = await Sandbox.open();
  const { writer, reader, socket, response, events } = await opened(sandbox);
  await writer.write("last");
  await writer.write("bye");
  assert.equal((await reader.read()).value, "last");
  assert.ok((await reader.read()).done);
  assert.deepEqual(await socket.closed, { code: 3001, reason: "as you wish" });
  assert.equal((await response.report).outcome.outcome, "ok");
  assert.deepEqual(events, [[3001, true]]);
});

Deno.test("a socket that the client closes is closed for the script", async () => {
  await using sandbox = await Sandbox.open();
  const { socket, reader, response, events } = await opened(sandbox);
  socket.close({ code: 1001, reason: "leaving" });
  assert.equal((await response.report).outcome.outcome, "ok");
  assert.ok((await reader.read()).done);
  assert.deepEqual(events, [[1001, true]]);
});

Deno.test("a client that leaves while the script says goodbye ends nobody else's socket", async () => {
  await using sandbox = await Sandbox.open();
  const { script, writer, socket, response } = await opened(sandbox);
  const other = await asked(script);
  for (const message of ["one", "two", "bye"]) await writer.write(message);
  socket.close({ code: 1000, reason: "" });
  assert.equal((await response.report).outcome.outcome, "ok");
  for (const message of ["still", "here"]) {
    await other.writer.write(message);
    assert.equal((await other.reader.read()).value, message);
  }
});

Deno.test("ctx.upgradeWebSocket() throws where the client did not ask for it", async () => {
  await using sandbox = await Sandbox.open();
  const { outcome } = await failureOf(live(sandbox, ECHO), asking());
  assert.equal(outcome.outcome, "script_error");
});

Deno.test("a message that is too long is refused to the script", async () => {
  await using sandbox = await Sandbox.open();
  const { reader } = await opened(
    sandbox,
    `(_, ctx) => {
      const { socket, response } = ctx.upgradeWebSocket();
      socket.onopen = () => {
        try {
          socket.send(new Uint8Array(262_145));
        } catch (error) {
          socket.send(error.name);
        }
        socket.send(new Uint8Array(262_144));
      };
      return response;
    }`,
  );
  assert.equal((await reader.read()).value, "RangeError");
  assert.equal((await reader.read()).value!.length, 262_144);
});
