import assert from "node:assert/strict";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import type { PeerCode } from "../../../runtime/peer/mod.ts";
import { acceptOver, answerUpgrade } from "../../../runtime/peer/socket/accept_socket.ts";
import { connectOver, signUpgrade } from "../../../runtime/peer/socket/connect_socket.ts";
import { connectSocket as connect } from "../../../runtime/peer/socket/mod.ts";
import { client, SocketServer } from "./socket_fixture.ts";
import { far, near, wirePair } from "./wires.ts";

/** Sends an upgrade with these fields, as somebody who has seen one would. */
async function upgradeWith(url: string, fields: Headers): Promise<WebSocket | undefined> {
  const headers = new Headers();
  for (const name of ["writ-recipient", "writ-socket", "signature", "signature-input"]) {
    const value = fields.get(name);
    if (value !== null) headers.set(name, value);
  }
  const socket = new WebSocket(url.replace("http:", "ws:"), { headers });
  return await new Promise((resolve) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = () => resolve(undefined);
  });
}

Deno.test("an upgrade is good once, for one agent, one path and one half of a key", async (t) => {
  await using server = new SocketServer();
  const [near, far] = await server.pair();
  near.close();
  await far.closed;
  const path = "/socket?room=1";
  const headers = server.seen[0]!;
  const fresh = () =>
    signUpgrade(`${server.url}${path}`, { signer: client, recipient: server.id }).request.headers;
  const changed = (name: string, value: string) => {
    const fields = fresh();
    fields.set(name, value);
    return fields;
  };
  const other = generateSigner();
  const attacks: [string, PeerCode, string, Headers][] = [
    ["sent again", "replayed", path, headers],
    ["to another path", "bad_signature", "/other?room=1", fresh()],
    ["to another room", "bad_signature", "/socket?room=2", fresh()],
    ["with another's half", "bad_signature", path, changed("writ-socket", halfOf(headers))],
    ["without a half", "not_covered", path, changed("writ-socket", "")],
    [
      "for another agent",
      "wrong_recipient",
      path,
      signUpgrade(`${server.url}${path}`, { signer: client, recipient: keyId(other.publicKey) })
        .request.headers,
    ],
    [
      "by a stranger",
      "unknown_key",
      path,
      signUpgrade(`${server.url}${path}`, { signer: other, recipient: server.id }).request.headers,
    ],
    [
      "of an hour ago",
      "expired",
      path,
      signUpgrade(`${server.url}${path}`, {
        signer: client,
        recipient: server.id,
        now: Date.now() - 3_600_000,
      }).request.headers,
    ],
  ];
  for (const [change, code, to, fields] of attacks) {
    await t.step(change, async () => {
      if (code === "not_covered") fields.delete("writ-socket");
      assert.equal(await upgradeWith(`${server.url}${to}`, fields), undefined);
      assert.equal(server.refused.at(-1), code);
    });
  }
  await t.step("control: sent for the first time, as it is", async () => {
    const before = server.refused.length;
    const socket = await upgradeWith(`${server.url}${path}`, fresh());
    assert.equal(server.refused.length, before);
    socket!.close();
    await assert.rejects(server.accepted(), { name: "PeerError", code: "cut_off" });
  });
});

Deno.test("a copied upgrade opens no socket where its nonce was forgotten", async () => {
  const wires = wirePair();
  const options = { signer: near, recipient: keyId(far.publicKey), handshakeMs: 50 };
  const { request } = signUpgrade("https://far.example/socket", options);
  const accepted = acceptOver(
    wires[1],
    answerUpgrade(request, { signer: far }),
    near.publicKey,
    options,
  );
  // Who copied it has no private half, and so no key to open the socket with.
  wires[0].listen({ opened() {}, frame: () => wires[0].send(new Uint8Array(50)), gone() {} });
  await assert.rejects(accepted, { name: "PeerError", code: "bad_frame" });
});

Deno.test("connectSocket() believes only the agent that it asked, about this upgrade", async (t) => {
  const options = { signer: near, recipient: keyId(far.publicKey) };
  const answerBy = (signer: typeof far, request: Parameters<typeof answerUpgrade>[0]) =>
    answerUpgrade(request, { signer }).hello;
  const edit = (hello: Uint8Array, change: (fields: Record<string, string>) => void) => {
    const fields = JSON.parse(new TextDecoder().decode(hello));
    change(fields);
    return new TextEncoder().encode(JSON.stringify(fields));
  };
  const answers: Record<string, [PeerCode, (request: never) => Uint8Array]> = {
    "by another key": ["unknown_key", (request) => answerBy(near, request)],
    "to another upgrade": [
      "bad_signature",
      () => answerBy(far, signUpgrade("https://far.example/socket", options).request),
    ],
    "with another half": [
      "bad_signature",
      (request) =>
        edit(answerBy(far, request), (fields) => {
          fields["writ-socket"] = signUpgrade("https://a.example/", options).half.field;
        }),
    ],
    "without a half": [
      "bad_signature",
      (request) => edit(answerBy(far, request), (fields) => delete fields["writ-socket"]),
    ],
    "without a signature": [
      "bad_field",
      (request) => edit(answerBy(far, request), (fields) => delete fields["signature"]),
    ],
    "of no form": ["bad_field", () => new TextEncoder().encode("[]")],
    "that is empty": ["bad_field", () => new Uint8Array()],
    "that is too long": ["bad_field", (request) =>
      edit(answerBy(far, request), (fields) => {
        fields["more"] = "x".repeat(5_000);
      })],
  };
  for (const [change, [code, answer]] of Object.entries(answers)) {
    await t.step(change, async () => {
      const [nearWire, farWire] = wirePair();
      const upgrade = signUpgrade("https://far.example/socket", options);
      const connected = connectOver(nearWire, upgrade, options);
      farWire.send(answer(upgrade.request as never));
      await assert.rejects(connected, { name: "PeerError", code });
    });
  }
});

Deno.test("a handshake has its time, on either side", async (t) => {
  await t.step("a client that proves nothing loses its place", async () => {
    await using server = new SocketServer({ handshakeMs: 50 }, { total: 1, perPeer: 1 });
    const fields = signUpgrade(`${server.url}/socket`, { signer: client, recipient: server.id });
    const socket = await upgradeWith(`${server.url}/socket`, fields.request.headers);
    await assert.rejects(server.accepted(), { name: "PeerError", code: "silent" });
    const [near, far] = await server.pair();
    near.close();
    await far.closed;
    socket!.close();
  });
  await t.step("a server that proves nothing is left", async () => {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      return Deno.upgradeWebSocket(request).response;
    });
    const url = `http://127.0.0.1:${server.addr.port}/socket`;
    const options = { signer: near, recipient: keyId(far.publicKey), handshakeMs: 50 };
    await assert.rejects(connect(url, options), { name: "PeerError", code: "silent" });
    await server.shutdown();
  });
  await t.step("who is stopped leaves with the reason it was given", async () => {
    const [nearWire] = wirePair();
    const options = { signer: near, recipient: keyId(far.publicKey) };
    const signal = AbortSignal.abort(new DOMException("enough", "AbortError"));
    const upgrade = signUpgrade("https://far.example/socket", options);
    const connected = connectOver(nearWire, upgrade, { ...options, signal });
    await assert.rejects(connected, { name: "AbortError" });
  });
});

Deno.test("connectSocket() says unreachable where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/socket`;
  listener.close();
  const options = { signer: near, recipient: keyId(far.publicKey) };
  await assert.rejects(connect(url, options), { name: "PeerError", code: "unreachable" });
});

function halfOf(headers: Headers): string {
  return headers.get("writ-socket")!;
}
