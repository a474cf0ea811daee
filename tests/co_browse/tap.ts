import type { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import type { GuestMessage, Hello } from "../../scripts/co-browse/wire/guest_message.ts";
import type { HostMessage } from "../../scripts/co-browse/wire/host_message.ts";
import { Parts } from "../../scripts/co-browse/wire/parts.ts";
import { readInvitation } from "../../scripts/co-browse/keys.ts";
import { PATIENCE_MS, within } from "../within.ts";

/** A guest made of nothing but a socket, which keeps every frame as it came. */
export class Tap implements Disposable {
  readonly frames: string[] = [];
  readonly messages: HostMessage[] = [];
  readonly #socket: WebSocket;
  #wake = () => {};
  #sent = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** @param hello Whatever is the first message. */
  static async open(party: CoBrowseParty, hello: unknown): Promise<Tap> {
    return await Tap.at(party.office.get("anna").endpoint, hello);
  }

  /** @param endpoint Of the script. */
  static async at(endpoint: string, hello: unknown): Promise<Tap> {
    const tap = new Tap(new WebSocket(`${endpoint.replace("http", "ws")}/socket`));
    const parts = new Parts();
    tap.#socket.onmessage = ({ data }) => {
      tap.frames.push(data);
      const whole = parts.add(data);
      if (whole !== undefined) tap.#heard(JSON.parse(whole));
    };
    tap.#socket.onclose = () => tap.#wake();
    const open = new Promise((resolve, reject) => {
      tap.#socket.onopen = resolve;
      tap.#socket.onerror = () => reject(new Error(`no socket at ${endpoint}`));
    });
    await within(open, "the socket of a guest");
    tap.send(typeof hello === "string" ? hello : JSON.stringify(hello));
    return tap;
  }

  /** Comes with an invitation, and is let in. */
  static async join(party: CoBrowseParty, kind: Hello["kind"], name: string): Promise<Tap> {
    const tap = await Tap.open(party, await helloFor(party, kind, name));
    await party.admit(name);
    await tap.told("welcome");
    return tap;
  }

  /** Characters that went either way. */
  get bytes(): number {
    return this.frames.reduce((sum, { length }) => sum + length, this.#sent);
  }

  get isClosed(): boolean {
    return this.#socket.readyState === WebSocket.CLOSED;
  }

  say(message: GuestMessage): void {
    this.send(JSON.stringify(message));
  }

  send(text: string): void {
    this.#sent += text.length;
    this.#socket.send(text);
  }

  /** Waits until a message has come. */
  async told<T extends HostMessage["t"]>(
    kind: T,
    is: (message: Extract<HostMessage, { t: T }>) => boolean = () => true,
  ): Promise<Extract<HostMessage, { t: T }>> {
    const fits = (message: HostMessage): message is Extract<HostMessage, { t: T }> =>
      message.t === kind && is(message as Extract<HostMessage, { t: T }>);
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (true) {
      const found = this.messages.find(fits);
      if (found) return found;
      if (this.isClosed) throw new Error(`closed before ${kind}: ${this.frames.at(-1)}`);
      if (late.aborted) {
        throw new Error(`no such ${kind} in ${JSON.stringify(this.messages.slice(-20))}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        late.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** What was done in the shared browser, of one kind. */
  inputs(type: string) {
    return this.messages.flatMap((message) =>
      message.t === "input" && message.input.type === type ? [message.input] : []
    );
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #heard(message: HostMessage): void {
    this.messages.push(message);
    if ("seq" in message) this.say({ t: "done", seq: message.seq });
    this.#wake();
  }
}

/** The first message of whoever was invited. */
export async function helloFor(
  party: CoBrowseParty,
  kind: Hello["kind"],
  name: string,
  rights: "watch" | "drive" = "drive",
): Promise<Hello> {
  const { invitation } = await party.invite(rights);
  return { t: "hello", v: 1, ...readInvitation(invitation)!, name, kind };
}
