import assert from "node:assert/strict";
import fc from "fast-check";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import { PeerError, verifyRequest } from "../../../runtime/peer/mod.ts";
import { readAnswerHead, readCallHead } from "../../../runtime/peer/relay/call_head.ts";
import { readUpgrade } from "../../../runtime/peer/relay/mod.ts";
import { readRelayFrame } from "../../../runtime/peer/relay/relay_frame.ts";
import { writeUpgrade } from "../../../runtime/peer/relay/upgrade_text.ts";
import { answerUpgrade } from "../../../runtime/peer/socket/accept_socket.ts";
import { signUpgrade } from "../../../runtime/peer/socket/connect_socket.ts";
import { type Frame, readFrame, writeFrame } from "../../../runtime/peer/socket/frame.ts";
import { FrameOpener, FrameSealer } from "../../../runtime/peer/socket/frame_cipher.ts";
import { readHello } from "../../../runtime/peer/socket/handshake.ts";
import { allowing } from "../allowed.ts";
import { mutatedBytes } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const KEY = new Uint8Array(32).fill(7);
const FRAMES: readonly Frame[] = [
  { kind: "open", queueBytes: 4_096, messageBytes: 1_024 },
  { kind: "message", message: "text" },
  { kind: "message", message: new Uint8Array([1, 2, 3]) },
  { kind: "credit", bytes: 1_024 },
  { kind: "ping" },
  { kind: "pong" },
  { kind: "close", code: 4_000, reason: "done" },
];

/** Frames of a socket between agents, before and behind their seal. */
export const socketFrames: Target = {
  name: "socket-frames",
  what: "Frames of a peer's socket: sealed ones as they were or PeerError, opened ones likewise.",
  open: () => {
    const sealed = FRAMES.map((frame) => new FrameSealer(KEY).seal(writeFrame(frame)));
    const bytes = mutatedBytes([...sealed, ...FRAMES.map(writeFrame)]);
    return probe(bytes, (frame: Uint8Array) => {
      allowing([PeerError], () => readFrame(frame));
      const opened = allowing([PeerError], () => new FrameOpener(KEY).open(frame));
      if (opened === undefined) return;
      // Nobody without the key makes one that opens.
      assert.ok(sealed.some((good) => good.every((byte, i) => byte === frame[i])));
    });
  },
};

/** A handshake, spoilt on its way: the upgrade, and what answers it. */
export const handshakes: Target = {
  name: "handshakes",
  what: "Upgrades and their answers: verified as they were made, or PeerError.",
  open: () => {
    const [near, far] = [generateSigner(), generateSigner()];
    const [now, recipient] = [Date.now(), keyId(far.publicKey)];
    const upgrade = signUpgrade("https://far.example/room?a=b", { signer: near, recipient, now });
    const { hello } = answerUpgrade(upgrade.request, { signer: far, now });
    const text = writeUpgrade(upgrade);
    const rules = { recipient, now, isKnown: () => true };
    return probe(mutatedBytes([text, hello]), (bytes: Uint8Array) => {
      const request = allowing([PeerError], () => readUpgrade(bytes));
      if (request) {
        const call = allowing([PeerError], () => verifyRequest(request, rules));
        if (call) assert.equal(call.key, near.publicKey);
      }
      const read = allowing(
        [PeerError],
        () => readHello(bytes, upgrade.request, upgrade.half, recipient),
      );
      if (read) assert.equal(read.key, far.publicKey);
    });
  },
};

const CALLS = [
  '{"method":"GET","path":"/v1/info?a=b","fields":[["accept","a"]],"body":false}',
  '{"status":200,"fields":[["content-length","3"]],"body":true}',
  '{"kind":"open","way":1}',
  '{"kind":"close","way":4294967295}',
];

/** What a relay, its agents and callers tell each other. */
export const relayed: Target = {
  name: "relayed",
  what: "Calls through a socket, and a relay's messages: read as what they are, or PeerError.",
  open: () => {
    const encoder = new TextEncoder();
    const texts = mutatedBytes(CALLS.map((text) => encoder.encode(text)));
    return probe(fc.oneof(texts, fc.uint8Array()), (bytes: Uint8Array) => {
      const text = new TextDecoder().decode(bytes);
      for (const message of [bytes, text]) {
        allowing([PeerError], () => readRelayFrame(message));
        const call = allowing([PeerError], () => readCallHead(message));
        if (call) assert.ok(new URL(`http://localhost${call.path}`).hostname === "localhost");
        const answer = allowing([PeerError], () => readAnswerHead(message));
        if (answer) new Response(null, { status: answer.status, headers: answer.fields });
      }
    });
  },
};
