import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import { acceptOver, answerUpgrade } from "../../../runtime/peer/socket/accept_socket.ts";
import { connectOver, signUpgrade } from "../../../runtime/peer/socket/connect_socket.ts";
import type { SocketSettings } from "../../../runtime/peer/socket/limits.ts";
import type { PeerSocket } from "../../../runtime/peer/socket/peer_socket.ts";
import type { Wire, WireListener } from "../../../runtime/peer/socket/wire.ts";

/** What somebody on the way makes of a frame: what goes on in its stead, to the end it names. */
export type Tamper = (frame: Uint8Array) => readonly Uint8Array[];

const asItIs: Tamper = (frame) => [frame];

/** One end of a wire that passes through the hands of somebody else. */
export class TestWire implements Wire {
  /** Frames as they came out of this end. */
  readonly sent: Uint8Array[] = [];
  /** Done to frames that come out of this end. */
  tamper: Tamper = asItIs;
  other!: TestWire;
  readonly #held: Uint8Array[] = [];
  #listener: WireListener | undefined;
  #isClosed = false;

  send(frame: Uint8Array): void {
    this.sent.push(frame);
    for (const passed of this.tamper(frame)) this.other.bring(passed);
  }

  /** Brings a frame to who listens at this end, whoever made it. */
  bring(frame: Uint8Array): void {
    if (this.#listener) queueMicrotask(() => this.#listener!.frame(frame.slice()));
    else this.#held.push(frame);
  }

  listen(listener: WireListener): void {
    this.#listener = listener;
    queueMicrotask(() => listener.opened());
    for (const frame of this.#held.splice(0)) this.bring(frame);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.other.close();
    queueMicrotask(() => this.#listener?.gone());
  }
}

export function wirePair(): [TestWire, TestWire] {
  const [near, far] = [new TestWire(), new TestWire()];
  near.other = far;
  far.other = near;
  return [near, far];
}

export const near = generateSigner();
export const far = generateSigner();

/** Two ends of a socket over a wire that a test can tamper with. */
export interface TamperedPair {
  readonly near: PeerSocket;
  readonly far: PeerSocket;
  readonly nearWire: TestWire;
  readonly farWire: TestWire;
}

export async function tamperedPair(settings: SocketSettings = {}): Promise<TamperedPair> {
  const [nearWire, farWire] = wirePair();
  const options = { signer: near, recipient: keyId(far.publicKey), ...settings };
  const upgrade = signUpgrade("https://far.example/socket", options);
  const answer = answerUpgrade(upgrade.request, { signer: far });
  const [nearEnd, farEnd] = await Promise.all([
    connectOver(nearWire, upgrade, options),
    acceptOver(farWire, answer, near.publicKey, settings),
  ]);
  return { near: nearEnd, far: farEnd, nearWire, farWire };
}
