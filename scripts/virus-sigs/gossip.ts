import type { Peer } from "writ";
import type { Desk } from "./desk.ts";
import { inTime } from "./in_time.ts";
import { type Inventory, parseInventory } from "./inventory.ts";
import { listsThatDiffer } from "./lists_that_differ.ts";

/** Peers that are asked, and told, in one round. */
const ASKED = 8;
/** How long a peer may take to answer. */
const ANSWER_MS = 5_000;
const SEEN = "seen/";

/** What a peer told last. */
export interface SeenPeer extends Pick<Inventory, "uses" | "refused" | "ages"> {
  readonly id: string;
  readonly name: string;
  /** Lists that it has under the same version as this agent, with other content: their versions. */
  readonly differs?: Readonly<Record<string, number>>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Asks some peers for what they have; who does not answer is left out. */
export async function askAround(desk: Desk): Promise<{ peer: Peer; inventory: Inventory }[]> {
  const answers = await Promise.all((await somePeers(desk)).map(async (peer) => {
    try {
      const response = await inTime(desk.peers!.fetch(peer.id, "/inventory"), ANSWER_MS);
      if (response.status !== 200) return [];
      const inventory = parseInventory(await response.text());
      const { uses, refused, ages } = inventory;
      const { id, name } = peer;
      const differs = await listsThatDiffer(inventory.files, desk);
      const seen: SeenPeer = { id, name, at: desk.now(), uses, refused, ages, differs };
      await desk.store.set(SEEN + peer.id, seen);
      return [{ peer, inventory }];
    } catch (error) {
      desk.log.debug(`No inventory from ${peer.name}: ${(error as Error).message}`);
      return [];
    }
  }));
  return answers.flat();
}

/** Tells some peers that there is something new here; they ask for themselves. */
export async function tellNews(desk: Desk): Promise<void> {
  await Promise.allSettled(
    (await somePeers(desk)).map((peer) => inTime(desk.peers!.fetch(peer.id, "/news"), ANSWER_MS)),
  );
}

/** What peers told, as far as it is known. */
export async function seenPeers(desk: Desk): Promise<SeenPeer[]> {
  const entries = await desk.store.list<SeenPeer>({ prefix: SEEN });
  return entries.map(({ value }) => value);
}

/** Others that are not banned, in a sequence of chance. */
async function somePeers(desk: Desk): Promise<Peer[]> {
  const banned = new Set((await desk.bans.all(desk.now())).map(({ peer }) => peer));
  const peers = (await desk.peers?.list() ?? []).filter(({ self, id }) => !self && !banned.has(id));
  return peers.map((peer) => ({ peer, at: Math.random() }))
    .sort((a, b) => a.at - b.at).slice(0, ASKED).map(({ peer }) => peer);
}
