import type { KeyId } from "../../core/documents/common.ts";
import {
  type FromAgent,
  fromAgentSchema,
  type FromHub,
  readMessage,
} from "../../agent/hub_link/wire.ts";
import { messageOf } from "../../agent/errors.ts";
import { REVOKED_AT_HUB } from "../../agent/hub_link/link_ends.ts";
import { PeerError } from "../../peer/mod.ts";
import type { PeerSocket, WrittenMessage } from "../../peer/socket/mod.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { Allowance } from "./allowances.ts";

/** What is done with the messages of one agent. */
export type Receive = (link: AgentLink, message: FromAgent) => Promise<void>;

/** Why the hub ends a connection, in words that the agent's own log shows. */
export const LINK_ENDS = {
  replaced: { code: 4001, reason: "another connection of this agent took its place" },
  revoked: { code: REVOKED_AT_HUB, reason: "this agent was revoked" },
  nonsense: { code: 4000, reason: "it said what no agent says" },
  flooding: { code: 4008, reason: "it said more than an agent may" },
  stopping: { code: 4012, reason: "the hub stops" },
  failed: { code: 4011, reason: "the hub failed" },
} as const;

/** The connection of one agent. Its messages are done one after another, so a fast one waits. */
export class AgentLink {
  readonly tenant: string;
  readonly agent: KeyId;
  /** Of this connection, so that a late end of one is not taken for that of the next. */
  readonly id = crypto.randomUUID();
  /** When it was last heard of, milliseconds since the epoch. */
  seen: number;
  /** Whether orders may go out; none do before the hub has looked where the agent stands. */
  isApproved = false;
  /** Within what time it was told to come back. */
  spreadMs = 0;
  /** The facts that were written last, by their hash, and when. */
  facts: { readonly hash: string; readonly at: number } | undefined;
  /** Whether more orders wait in the database than there was room for. */
  isFull = false;
  /** Orders that were sent and not answered. */
  readonly #unanswered = new Set<string>();
  readonly #socket: PeerSocket;
  readonly #allowance: Allowance;
  #isOver = false;
  #isClosed = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    socket: PeerSocket,
    options: { tenant: string; now: number; allowance: Allowance },
  ) {
    this.#socket = socket;
    this.#allowance = options.allowance;
    this.agent = socket.peer;
    this.tenant = options.tenant;
    this.seen = options.now;
    socket.closed.then(() => this.#isClosed = true);
  }

  /** Sends, without waiting for it: what is lost with the connection is sent again on the next. */
  send(message: FromHub): void {
    this.#send(JSON.stringify(message));
  }

  /** Whether it may be sent an order now. When it may not, it is asked for later. */
  takesOrders(): boolean {
    if (!this.isApproved) return false;
    if (this.#unanswered.size < HUB_LIMITS.LEASES_OF_ONE) return true;
    this.isFull = true;
    return false;
  }

  /** @param message It was written once for many agents. */
  sendOrder(document: string, message: WrittenMessage): void {
    this.#unanswered.add(document);
    this.#send(message);
  }

  /** The agent has said whether it takes an order. */
  answered(document: string): void {
    this.#unanswered.delete(document);
  }

  /** Does what reads and then sends, behind what began before: news never comes before what is old. */
  inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Waits. @returns whether the connection still stands. */
  async pause(ms: number): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return !this.#isClosed;
  }

  /** Ends the connection. */
  end(why: keyof typeof LINK_ENDS): void {
    this.#isOver = true;
    const { code, reason } = LINK_ENDS[why];
    this.#socket.close(code, reason);
  }

  /**
   * Does what the agent says until the connection ends.
   *
   * @returns why it ended, in words.
   */
  async run(receive: Receive): Promise<string> {
    try {
      for await (const message of this.#socket.messages) {
        // What came before the end counts for nothing after it.
        if (this.#isOver) break;
        if (!await this.#mayGoOn(message.length)) break;
        const said = readFromAgent(message);
        // An agent of a later version tells what this one does not know.
        if (said) await receive(this, said);
      }
    } catch (error) {
      if (error instanceof HubError && error.code === "bad_request") this.end("nonsense");
      else if (error instanceof HubError) this.end("failed");
    }
    const end = await this.#socket.closed;
    if (end.kind === "failed") return `its connection failed: ${end.error.code}`;
    return end.by === "us" ? end.reason : "it closed the connection";
  }

  /**
   * Reads no faster than an agent may speak. One that waits for the hub's answers, as agents do, is
   * slowed down by that; one that does not is cut off. @returns whether it goes on.
   */
  async #mayGoOn(length: number): Promise<boolean> {
    const waitMs = this.#allowance.take(length, this.isApproved);
    if (waitMs === 0) return true;
    if (this.#socket.waiting > HUB_LIMITS.LINK_UNREAD) {
      this.end("flooding");
      return false;
    }
    return await this.pause(waitMs);
  }

  /** What an agent does not read is not kept for it without end. */
  #send(message: string | WrittenMessage): void {
    this.#socket.send(message).catch((error) => {
      if (error instanceof PeerError && error.code === "queue_full") this.end("flooding");
    });
  }
}

/** @throws {HubError} bad_request – it is what no agent says */
function readFromAgent(message: string | Uint8Array): FromAgent | undefined {
  try {
    return readMessage(fromAgentSchema, message);
  } catch (cause) {
    const found = messageOf(cause);
    throw new HubError("bad_request", `Cannot read a message of an agent: ${found}`, { cause });
  }
}
