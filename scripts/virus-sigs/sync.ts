import { CVD_HEADER_BYTES, parseCvdHeader } from "./cvd_header.ts";
import type { Desk } from "./desk.ts";
import { askAround } from "./gossip.ts";
import { inTime, TooSlow } from "./in_time.ts";
import type { OfferedFile } from "./inventory.ts";
import { parseDatabaseFile } from "./database_file.ts";
import { isSignedList } from "./list_signature.ts";
import { FalseFile, UnsignedFile } from "./refusals.ts";
import type { Head, ShelfFile } from "./shelf.ts";
import { takeIn, unsignedList } from "./take_in.ts";
import { planIncrements, planUpdate, type WantedFile } from "./update_plan.ts";
import { useOf } from "./use_newest.ts";

/** A file that somebody offers, and who does. */
interface Offer {
  readonly file: OfferedFile;
  readonly peers: { readonly id: string; readonly verified: boolean }[];
}

/** Increments of one database that are kept for machines that are behind. */
const KEPT_INCREMENTS = 30;
/** Files that nobody could look at yet: one of each name, so that it is not got again and again. */
const LATER = "later/";

/** What one round of questions brought. */
export interface SyncReport {
  readonly asked: number;
  readonly taken: readonly string[];
  readonly banned: readonly string[];
}

/** Asks peers for what they have, and gets what is newer; each file is judged before it is kept. */
export async function sync(desk: Desk): Promise<SyncReport> {
  const answers = await askAround(desk);
  const offers = new Map<string, Offer>();
  for (const { peer, inventory } of answers) {
    for (const file of inventory.files) {
      const key = claimOf(file);
      const offer = offers.get(key) ?? { file, peers: [] };
      offer.peers.push({ id: peer.id, verified: file.verified });
      offers.set(key, offer);
    }
  }
  const round = new Round(desk, [...offers.values()]);
  await round.dropBad();
  for (const database of desk.settings.databases) {
    await round.update(database);
    await desk.shelf.trim(database, KEPT_INCREMENTS);
  }
  await round.updateLists();
  return { asked: answers.length, taken: round.taken, banned: round.banned };
}

/** Two offers are one when all that is said of them is the same: a liar's word counts for its own. */
function claimOf({ name, sha256, list, length, version, signature, head, headOnly }: OfferedFile) {
  const claim = [
    name,
    sha256,
    list,
    length,
    version,
    signature,
    head?.sha256,
    head?.list,
    headOnly,
  ];
  return JSON.stringify(claim);
}

class Round {
  readonly taken: string[] = [];
  readonly banned: string[] = [];
  readonly #desk: Desk;
  #offers: Offer[];

  constructor(desk: Desk, offers: Offer[]) {
    this.#desk = desk;
    this.#offers = offers;
  }

  /** Leaves out what was found to be bad before. */
  async dropBad(): Promise<void> {
    const good: Offer[] = [];
    for (const offer of this.#offers) {
      if (!await this.#desk.bans.isBad(offer.file.name, offer.file.sha256)) good.push(offer);
    }
    this.#offers = good;
  }

  /** The newest that is to be had: each offer that fails leaves one less to plan with. */
  async update(database: string): Promise<void> {
    const { shelf, wholeWanted } = this.#desk;
    const mustBeWhole = await wholeWanted.has(database);
    if (!mustBeWhole && await this.#takeIncrements(database)) return;
    while (true) {
      // A header stands for the database, unless the whole of it is wanted.
      const here = (await shelf.files()).filter(({ headOnly }) => !headOnly || !mustBeWhole);
      const plan = planUpdate(database, here, this.#offers.map(({ file }) => file));
      if (plan.length === 0) return;
      // The increments first: whoever hears of the whole finds them here.
      for (const wanted of plan.toReversed()) await this.#takeOffered(wanted);
    }
  }

  /** What the own scanner needs, where that is less than the whole: increments, and a header. */
  async #takeIncrements(database: string): Promise<boolean> {
    const { shelf, scanner } = this.#desk;
    const { uses } = await useOf(this.#desk);
    const inUse = uses?.[database];
    if (!scanner || inUse === undefined) return false;
    const offered = this.#offers.map(({ file }) => file);
    const plan = planIncrements(database, await shelf.files(), offered, inUse);
    if (!plan) return false;
    for (const wanted of plan.increments) {
      if (!await this.#takeOffered(wanted)) return false;
    }
    return await this.#takeHead(plan.head);
  }

  async #takeHead({ name, version, length, head }: WantedFile & { head: Head }): Promise<boolean> {
    const { blobs, shelf, log, now } = this.#desk;
    let here: string | undefined;
    try {
      const peers = this.#offers.filter(({ file }) => file.head?.list === head.list)
        .flatMap(({ peers }) => peers);
      here = await this.#pull({ name, list: head.list, length: CVD_HEADER_BYTES }, peers);
      if (here !== head.sha256) throw new FalseFile("it is another file than was offered");
      const says = parseCvdHeader(await (await blobs.get(here))!.bytes()).version;
      if (says !== version) throw new FalseFile("it has another version");
      const note = { list: head.list, headOnly: true, length } as const;
      const kept = await shelf.put(name, here, now(), note);
      this.taken.push(`${name} ${kept.version}, its header`);
      return true;
    } catch (error) {
      log.warn(`Not taken: the header of ${name} ${version}: ${(error as Error).message}`);
      if (here !== undefined) await shelf.forget(here);
      return false;
    }
  }

  /** Plain lists: of each name the highest version that the admin signed, as is seen beforehand. */
  async updateLists(): Promise<void> {
    const { shelf, settings } = this.#desk;
    if (settings.listKeys.length === 0) return;
    const lists = this.#offers.filter(({ file }) => parseDatabaseFile(file.name)?.kind === "list")
      .sort((a, b) => b.file.version - a.file.version);
    for (const offer of lists) {
      const { name, version } = offer.file;
      const mine = (await shelf.find(name))?.version ?? 0;
      if (version <= mine || !this.#offers.some(({ file }) => file === offer.file)) continue;
      if (await isSignedList(offer.file, settings.listKeys)) await this.#take(offer);
      else await this.#blame(offer, unsignedList(name));
    }
  }

  /** What was planned, unless whoever offers it was left out meanwhile. */
  async #takeOffered(wanted: WantedFile): Promise<ShelfFile | undefined> {
    const offer = this.#offers.find(({ file }) => file === wanted);
    return offer && await this.#take(offer);
  }

  async #take(offer: Offer): Promise<ShelfFile | undefined> {
    const { blobs, log, shelf } = this.#desk;
    const { file } = offer;
    this.#offers = this.#offers.filter((other) => other !== offer);
    let here: string | undefined;
    try {
      here = (await blobs.get(file.sha256))?.sha256 ?? await this.#pull(file, offer.peers);
      if (here !== file.sha256) throw new FalseFile("it is another file than was offered");
      const kept = await takeIn(file, this.#desk);
      here = undefined;
      await this.#desk.store.delete(LATER + file.name);
      if (kept.version !== file.version) throw new FalseFile("it has another version");
      this.taken.push(`${file.name} ${kept.version}`);
      return kept;
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      log.warn(`Not taken: ${file.name} ${file.version}: ${message}`);
      if (here !== undefined && code === "unavailable") await this.#keep(file.name, here);
      else if (here !== undefined) await shelf.forget(here);
      if (error instanceof FalseFile) await this.#blame(offer, error);
      return undefined;
    }
  }

  /** Who gives a file too slowly is asked for nothing more in this round. */
  async #pull(
    { name, list, length }: Pick<OfferedFile, "name" | "list" | "length">,
    peers: Offer["peers"],
  ): Promise<string> {
    const pulled = this.#desk.blobs.pull(list, { most: length });
    try {
      return (await inTime(pulled, this.#desk.pullMs)).sha256;
    } catch (error) {
      if (error instanceof TooSlow) {
        this.#leaveOut(new Set(peers.map(({ id }) => id)));
        // It goes on as long as this round does, and the next one then finds it here.
        pulled.then(({ sha256 }) => this.#keep(name, sha256)).catch(() => {});
      }
      throw error;
    }
  }

  /** In place of what was kept of this name before. */
  async #keep(name: string, sha256: string): Promise<void> {
    const { store } = this.#desk;
    const before = await store.get<string>(LATER + name);
    await store.set(LATER + name, sha256);
    if (before !== undefined && before !== sha256) await this.#desk.shelf.forget(before);
  }

  /** A good file may be offered as something that it is not: only an unsigned one is bad itself. */
  async #blame({ file, peers }: Offer, error: FalseFile): Promise<void> {
    const { bans, emit, log, now } = this.#desk;
    const why = error.message;
    emit("not_taken", { file: file.name, version: file.version, why });
    if (error instanceof UnsignedFile) await bans.markBad(file.name, file.sha256, why);
    for (const { id, verified } of peers) {
      if (!await bans.add(id, `${file.name}: ${why}`, verified, now())) continue;
      log.warn(`Banned for a day: ${id}, which offered ${file.name}: ${why}`);
      this.banned.push(id);
      this.#leaveOut(new Set([id]));
    }
  }

  #leaveOut(ids: ReadonlySet<string>): void {
    this.#offers = this.#offers.flatMap(({ file, peers }) => {
      const others = peers.filter(({ id }) => !ids.has(id));
      return others.length > 0 ? [{ file, peers: others }] : [];
    });
  }
}
