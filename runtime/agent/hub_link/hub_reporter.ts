import type { HubReport, HubReportTable, UnreportedEvent } from "../store/hub_reports.ts";
import {
  EVENT_BYTES,
  EVENTS_AT_ONCE,
  type FromAgent,
  type FromHub,
  type ReportedEvent,
} from "./wire.ts";

type Events = Extract<FromAgent, { type: "events" }>;
type Stored = Extract<FromHub, { type: "stored" }>;

/** Characters of events in one message. */
const MESSAGE_CHARACTERS = 128 << 10;
/** Orders of which the hub is told at the same time. */
const ORDERS_AT_ONCE = 8;

/** What is on its way to the hub, of one order. */
interface Sent {
  readonly last: HubReport;
  readonly over: boolean;
}

/**
 * Tells the hub what comes of its orders: read from the agent's own records, so that an hour
 * without a hub costs no memory, and again from the last event that the hub has stored.
 */
export class HubReporter {
  readonly #reports: HubReportTable;
  readonly #send: (message: Events) => void;
  /** Orders that have something new; the oldest first. */
  readonly #wanted = new Set<string>();
  readonly #sent = new Map<string, Sent>();
  /** Up to which order the records of before were looked through. */
  #walked: string | undefined = "";

  constructor(options: { reports: HubReportTable; send(message: Events): void }) {
    this.#reports = options.reports;
    this.#send = options.send;
  }

  /** Begins with what the hub may have missed. */
  begin(): void {
    this.#next();
  }

  /** Something happened in a run. */
  changed(run: number): void {
    const order = this.#reports.ofRun(run);
    if (order !== undefined) this.added(order);
  }

  /** The hub is to hear of an order from now on. */
  added(order: string): void {
    this.#wanted.add(order);
    this.#next();
  }

  /** The hub has stored something. */
  async stored({ order, run, seq }: Stored): Promise<void> {
    const sent = this.#sent.get(order);
    if (!sent) return;
    this.#sent.delete(order);
    // A hub may have less than it was sent, and never more.
    const { last } = sent;
    const isAll = run === last.run && seq === last.seq;
    const at = run < last.run || (run === last.run && seq <= last.seq) ? { order, run, seq } : last;
    await this.#reports.advance(at, sent.over && isAll);
    if (!(sent.over && isAll)) this.#wanted.add(order);
    this.#next();
  }

  #next(): void {
    while (this.#sent.size < ORDERS_AT_ONCE) {
      const order = this.#wanted.values().find((one) => !this.#sent.has(one)) ?? this.#walk();
      if (order === undefined) return;
      this.#wanted.delete(order);
      this.#report(order);
    }
  }

  /** The next order of those that were there when the connection began. */
  #walk(): string | undefined {
    if (this.#walked === undefined) return undefined;
    const [order] = this.#reports.after(this.#walked, 1);
    this.#walked = order;
    return order;
  }

  #report(order: string): void {
    const before = this.#reports.get(order);
    if (!before || this.#sent.has(order)) return;
    const unreported = this.#reports.unreported(before, EVENTS_AT_ONCE);
    const events = fitting(unreported);
    const over = events.length === unreported.length && events.length < EVENTS_AT_ONCE &&
      this.#reports.isOver(order);
    if (events.length === 0 && !over) return;
    const { run, seq } = events.at(-1) ?? before;
    this.#sent.set(order, { last: { order, run, seq }, over });
    this.#send({ type: "events", order, events, over });
  }
}

/** As many as one message takes, at least one; what is too long by itself is shortened. */
function fitting(events: readonly UnreportedEvent[]): ReportedEvent[] {
  const fit: ReportedEvent[] = [];
  let characters = 0;
  for (const { run, seq, time, event } of events) {
    const short = event.length > EVENT_BYTES ? shortened(event) : event;
    characters += short.length;
    if (fit.length > 0 && characters > MESSAGE_CHARACTERS) break;
    fit.push({ run, seq, time, event: short });
  }
  return fit;
}

/** The agent's own record keeps the whole. */
function shortened(json: string): string {
  const event = JSON.parse(json);
  const left = `${json.length} characters, which are kept on the agent`;
  if (event.type === "outcome" && event.outcome === "ok") {
    return JSON.stringify({ ...event, result: { tooLong: left } });
  }
  if (event.type === "outcome") {
    return JSON.stringify({ ...event, detail: { reason: `too long: ${left}` } });
  }
  if (event.type === "event") return JSON.stringify({ ...event, data: { tooLong: left } });
  return JSON.stringify({ type: "log", level: "warn", text: `too long: ${left}` });
}
