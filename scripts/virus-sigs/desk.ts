import type { Blobs, CallContext, Log, Peers, Scanner, Store } from "writ";
import { Bans } from "./bans.ts";
import { readSettings, type Settings } from "./settings.ts";
import { Shelf } from "./shelf.ts";
import { WholeWanted } from "./whole_wanted.ts";

/** Chunks that came are kept: the next round goes on with them. */
const PULL_MS = 120_000;

/** Everything that one run or request of this script works with. */
export interface Desk {
  readonly settings: Settings;
  readonly shelf: Shelf;
  readonly bans: Bans;
  readonly wholeWanted: WholeWanted;
  readonly store: Store;
  readonly blobs: Blobs;
  /** Absent where this agent only passes on. */
  readonly peers: Peers | undefined;
  readonly scanner: Scanner | undefined;
  readonly log: Log;
  /** Tells an event to the agent's log and its audit log. */
  readonly emit: CallContext["emit"];
  /** How long getting one file may take before this round asks others for other files. */
  readonly pullMs: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** @throws {TypeError} when the grant does not lend what nothing can be done without */
export function openDesk(ctx: CallContext): Desk {
  const { settings, store, blobs, peers, scanner, log } = ctx;
  if (!store || !blobs) {
    throw new TypeError("Cannot keep signatures as no grant lends store, blobs");
  }
  return {
    settings: readSettings(settings),
    shelf: new Shelf(store, blobs),
    bans: new Bans(store),
    wholeWanted: new WholeWanted(store),
    store,
    blobs,
    peers,
    scanner,
    log,
    emit: (name, data) => ctx.emit(name, data),
    pullMs: PULL_MS,
    now: Date.now,
  };
}
