import type { AcceptList } from "../../core/documents/acceptlist.ts";
import type { Digest, KeyId } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { openEnvelope, signedBy } from "../../core/dsse.ts";
import { verifyAcceptList } from "../../core/verification/accept_list.ts";
import { verifyRootChain } from "../../core/verification/root_chain.ts";
import { meets } from "../../core/verification/threshold.ts";
import type { PolicyChange } from "../../policy/mod.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import type { HubEvents } from "../events/hub_events.ts";
import { listFor, offeredLists } from "../rollout/held_lists.ts";
import {
  acceptListOf,
  type CarriedDocument,
  documentsAfter,
  newestDocument,
  putDocument,
} from "./carried_documents.ts";

/** What {@linkcode Lists} work with. */
export interface ListsOptions {
  database: HubDatabase;
  audit: HubAudit;
  events: HubEvents;
  now(): number;
  /** Called when there is something new that agents should have. */
  changed(tenant: string): void;
}

/** The newest accept-list, as its payload says it. */
export interface NewestList extends CarriedDocument {
  readonly list: AcceptList;
}

/** The most roots of one answer. */
const ROOTS = 1_024;

/** Accept-lists that were read, of all tenants; one may have 4 MiB. */
const READ = 8;

/**
 * The roots and accept-lists that the hub carries. It can sign none of them. It takes only what an
 * agent would take, so that a mistake shows when it is made.
 */
export class Lists {
  readonly #options: ListsOptions;
  /** By digest. The one that was read first leaves first. */
  readonly #read = new Map<Digest, AcceptList>();

  constructor(options: ListsOptions) {
    this.#options = options;
  }

  /** The newest root. */
  async root(tenant: string): Promise<{ root: Root; document: CarriedDocument }> {
    const document = (await newestDocument(this.#options.database, tenant, "root"))!;
    const root = parseDocument("root", openEnvelope("root", document.envelope).payload);
    return { root, document };
  }

  /** Roots above a version, lowest first. */
  async roots(tenant: string, after = 0, limit = ROOTS): Promise<CarriedDocument[]> {
    return await documentsAfter(this.#options.database, tenant, "root", after, limit);
  }

  /** The newest accept-list; `undefined` when there is none yet. */
  async newest(tenant: string): Promise<NewestList | undefined> {
    const document = await newestDocument(this.#options.database, tenant, "acceptlist");
    return document && withList(document);
  }

  /** The list that an agent is told of: the newest one that is not held back from it. */
  async of(tenant: string, agent: KeyId): Promise<CarriedDocument | undefined> {
    const { database } = this.#options;
    const name = listFor(agent, await offeredLists(database, tenant));
    return name && await acceptListOf(database, tenant, name);
  }

  /** What agents may be told to work by: the newest list, and those before it while it is held back. */
  async offered(tenant: string): Promise<AcceptList[]> {
    const { database } = this.#options;
    const lists: AcceptList[] = [];
    for (const name of (await offeredLists(database, tenant)).names) {
      const read = this.#read.get(name.digest) ??
        withList((await acceptListOf(database, tenant, name))!).list;
      this.#read.set(name.digest, read);
      if (this.#read.size > READ) this.#read.delete(this.#read.keys().next().value!);
      lists.push(read);
    }
    return lists;
  }

  /** Every accept-list that was carried, newest first. */
  async history(tenant: string): Promise<Omit<CarriedDocument, "envelope">[]> {
    return await this.#options.database.all(
      `SELECT epoch, version, digest, stored, stored_by AS "storedBy" FROM documents
       WHERE tenant = ?1 AND kind = 'acceptlist' ORDER BY epoch DESC, version DESC`,
      [tenant],
    );
  }

  /**
   * Takes the next root.
   *
   * @param alone Also one under which the newest accept-list does not hold: agents run nothing
   *   until there is another.
   * @throws {VerificationError} – as `verifyRootChain()`
   * @throws {HubError} conflict – the newest accept-list does not hold under it
   */
  async putRoot(
    tenant: string,
    who: string,
    envelope: Uint8Array,
    alone = false,
  ): Promise<void> {
    const { database, audit, now, changed, events } = this.#options;
    await database.transaction(async (tx) => {
      const before = (await newestDocument(tx, tenant, "root"))!;
      const known = parseDocument("root", openEnvelope("root", before.envelope).payload);
      const { root, digest } = verifyRootChain(known, [envelope], now());
      const list = await newestDocument(tx, tenant, "acceptlist");
      if (list && !alone) requireListHolds(list, root);
      const { epoch, version } = root;
      const stored = { epoch, version, digest, envelope, stored: now(), storedBy: who };
      await putDocument(tx, tenant, "root", stored);
      const subject = String(version);
      await audit.append(tx, tenant, { who, action: "root_taken", subject, detail: { digest } });
    });
    events.tell(tenant, { type: "list" });
    changed(tenant);
  }

  /**
   * Takes an accept-list that the role `accept` signed, and carries it from now on.
   *
   * @param hold Called in the same transaction with a list that is new, to keep it from agents.
   * @throws {VerificationError} – as `verifyAcceptList()`
   */
  async put(
    tenant: string,
    who: string,
    envelope: Uint8Array,
    hold?: (tx: HubQueries, list: NewestList) => Promise<void>,
  ): Promise<NewestList> {
    const { database, audit, now, changed, events } = this.#options;
    const taken = await database.transaction(async (tx) => {
      const document = (await newestDocument(tx, tenant, "root"))!;
      const root = parseDocument("root", openEnvelope("root", document.envelope).payload);
      const before = await newestDocument(tx, tenant, "acceptlist");
      const verified = verifyAcceptList(envelope, { root, stored: before, now: now() });
      const { list, digest } = verified;
      const { epoch, version } = list;
      const stored = { epoch, version, digest, envelope, stored: now(), storedBy: who };
      if (before?.digest === digest) return { ...stored, list };
      await putDocument(tx, tenant, "acceptlist", stored);
      await putSignedLabels(tx, tenant, list);
      await audit.append(tx, tenant, {
        who,
        action: "list_taken",
        subject: String(version),
        detail: { epoch, digest },
      });
      await hold?.(tx, { ...stored, list });
      return { ...stored, list };
    });
    events.tell(tenant, { type: "list" });
    changed(tenant);
    return taken;
  }

  /**
   * What would be different under another accept-list, signed or not.
   *
   * @param payload The payload of the list.
   * @throws {VerificationError} not_canonical, bad_schema – it is no accept-list
   */
  async diff(tenant: string, payload: Uint8Array): Promise<PolicyChange[]> {
    const { diffLists } = await import("../../policy/diff/diff_lists.ts");
    const { root } = await this.root(tenant);
    const list = parseDocument("acceptlist", payload);
    return diffLists((await this.newest(tenant))?.list, list, root);
  }
}

/** That agents which take the root can still work by the list that they have. */
function requireListHolds({ epoch, version, envelope }: CarriedDocument, root: Root): void {
  const { keys, threshold } = root.roles.accept;
  const signed = signedBy(openEnvelope("acceptlist", envelope), keys).size;
  if (epoch >= root.epoch && meets(signed, threshold)) return;
  throw new HubError(
    "conflict",
    `Cannot carry root ${root.version} alone as accept-list ${version} does not hold under it: ` +
      `${signed} of ${threshold} signatures, epoch ${epoch} of ${root.epoch}`,
  );
}

function withList(document: CarriedDocument): NewestList {
  const { payload } = openEnvelope("acceptlist", document.envelope);
  return { ...document, list: parseDocument("acceptlist", payload) };
}

/** Agents judge orders by these labels, so the hub selects by them too. */
async function putSignedLabels(tx: HubQueries, tenant: string, list: AcceptList): Promise<void> {
  await tx.run("DELETE FROM agent_labels WHERE tenant = ?1 AND by_whom = 'list'", [tenant]);
  for (const [agent, labels] of Object.entries(list.labels)) {
    for (const label of labels ?? []) {
      await tx.run("INSERT INTO agent_labels VALUES (?1, ?2, ?3, 'list')", [tenant, agent, label]);
    }
  }
}
