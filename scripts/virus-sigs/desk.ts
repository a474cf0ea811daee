import type { Blobs, CallContext, Log, Peers, Scanner, Store } from "writ";
import { Bans } from "./bans.ts";
import { readSettings, type Settings } from "./settings.ts";
import { Shelf } from "./shelf.ts";
import { WholeWanted } from "./whole_wanted.ts";

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
  /** Milliseconds since 1970. */
  now(): number;
}

/** @throws {TypeError} when the grant does not lend what nothing can be done without */
export function openDesk({ settings, store, blobs, peers, scanner, log }: CallContext): Desk {
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
    now: Date.now,
  };
}
