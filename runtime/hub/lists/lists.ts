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
import { insertRows } from "../database/insert_rows.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { HubEvents } from "../events/hub_events.ts";
import { listFor, offeredLists } from "../rollout/held_lists.ts";
import {
  acceptListOf,
  type CarriedDocument,
  documentsAfter,
  newestDocument,
  putDocument,
} from "./carried_documents.ts";
import { ListComparer } from "./list_comparer.ts";
import type { SignedDocument } from "./signed_documents.ts";

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
export class Lists implements Disposable {
  readonly #options: ListsOptions;
  /** By digest. The one that was read first leaves first. */
  readonly #read = new Map<Digest, AcceptList>();
  readonly #comparer = new ListComparer();

  constructor(options: ListsOptions) {
    this.#options = options;
  }

  [Symbol.dispose](): void {
    this.#comparer[Symbol.dispose]();
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
    return document && { ...document, list: this.#listOf(document) };
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
      const read = this.#read.get(name.digest);
      lists.push(read ?? this.#listOf((await acceptListOf(database, tenant, name))!));
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
  async putRoot(tenant: string, who: string, envelope: Uint8Array, alone = false): Promise<void> {
    await this.putTogether(tenant, who, [{ kind: "root", envelope }], alone);
  }

  /**
   * Takes roots and accept-lists in their order, all of them or none: so agents never have a root
   * that ends the newest list without the list that holds under it.
   *
   * @param alone Also when the newest list does not hold under the newest root afterwards.
   * @throws {VerificationError} – as `verifyRootChain()` and `verifyAcceptList()`
   * @throws {HubError} conflict – the newest list would not hold under the newest root
   */
  async putTogether(
    tenant: string,
    who: string,
    documents: readonly SignedDocument[],
    alone = false,
  ): Promise<void> {
    await this.#options.database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      for (const { kind, envelope } of documents) {
        if (kind === "root") await this.#takeRoot(tx, tenant, who, envelope);
        else await this.#takeList(tx, tenant, who, envelope);
      }
      if (!alone) await requireListHolds(tx, tenant);
    });
    this.#tell(tenant);
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
    const taken = await this.#options.database.transaction(async (tx) => {
      // Of two of one version the second would be said to be taken, and not be stored.
      await lockTenant(tx, tenant);
      const { isNew, list } = await this.#takeList(tx, tenant, who, envelope);
      if (isNew) await hold?.(tx, list);
      return list;
    });
    this.#tell(tenant);
    return taken;
  }

  /**
   * What would be different under another accept-list, signed or not.
   *
   * @param payload The payload of the list.
   * @throws {VerificationError | HubError} – as `ListComparer.compare()`
   */
  async diff(tenant: string, payload: Uint8Array): Promise<PolicyChange[]> {
    const { database } = this.#options;
    const root = (await newestDocument(database, tenant, "root"))!.envelope;
    const before = (await newestDocument(database, tenant, "acceptlist"))?.envelope;
    return await this.#comparer.compare(tenant, { root, before, payload });
  }

  #listOf({ digest, envelope }: CarriedDocument): AcceptList {
    const list = this.#read.get(digest) ??
      parseDocument("acceptlist", openEnvelope("acceptlist", envelope).payload);
    this.#read.set(digest, list);
    if (this.#read.size > READ) this.#read.delete(this.#read.keys().next().value!);
    return list;
  }

  async #takeRoot(
    tx: HubQueries,
    tenant: string,
    who: string,
    envelope: Uint8Array,
  ): Promise<void> {
    const { audit, now } = this.#options;
    const { root, digest } = verifyRootChain(await newestRoot(tx, tenant), [envelope], now());
    const { epoch, version } = root;
    const stored = { epoch, version, digest, envelope, stored: now(), storedBy: who };
    await putDocument(tx, tenant, "root", stored);
    const subject = String(version);
    await audit.append(tx, tenant, { who, action: "root_taken", subject, detail: { digest } });
  }

  async #takeList(
    tx: HubQueries,
    tenant: string,
    who: string,
    envelope: Uint8Array,
  ): Promise<{ isNew: boolean; list: NewestList }> {
    const { audit, now } = this.#options;
    const root = await newestRoot(tx, tenant);
    const before = await newestDocument(tx, tenant, "acceptlist");
    const { list, digest } = verifyAcceptList(envelope, { root, stored: before, now: now() });
    const { epoch, version } = list;
    const document = { epoch, version, digest, envelope, stored: now(), storedBy: who };
    const taken = { isNew: before?.digest !== digest, list: { ...document, list } };
    if (!taken.isNew) return taken;
    await putDocument(tx, tenant, "acceptlist", document);
    await putSignedLabels(tx, tenant, list);
    await audit.append(tx, tenant, {
      who,
      action: "list_taken",
      subject: String(version),
      detail: { epoch, digest },
    });
    return taken;
  }

  #tell(tenant: string): void {
    this.#options.events.tell(tenant, { type: "list" });
    this.#options.changed(tenant);
  }
}

async function newestRoot(from: HubQueries, tenant: string): Promise<Root> {
  const document = (await newestDocument(from, tenant, "root"))!;
  return parseDocument("root", openEnvelope("root", document.envelope).payload);
}

/** That agents which take the newest root can still work by the list that they have. */
async function requireListHolds(tx: HubQueries, tenant: string): Promise<void> {
  const root = await newestRoot(tx, tenant);
  const document = await newestDocument(tx, tenant, "acceptlist");
  if (!document) return;
  const { epoch, version, envelope } = document;
  const { keys, threshold } = root.roles.accept;
  const signed = signedBy(openEnvelope("acceptlist", envelope), keys).size;
  if (epoch >= root.epoch && meets(signed, threshold)) return;
  throw new HubError(
    "conflict",
    `Cannot carry root ${root.version} alone as accept-list ${version} does not hold under it ` +
      `(${signed} of ${threshold} signatures, epoch ${epoch} of ${root.epoch}): ` +
      "hand it in together with a list that does",
  );
}

/**
 * Agents judge orders by these labels, so the hub selects by them too.
 *
 * @throws {HubError} too_large – there are more than the hub keeps
 */
async function putSignedLabels(tx: HubQueries, tenant: string, list: AcceptList): Promise<void> {
  const rows = Object.entries(list.labels)
    .flatMap(([agent, labels = []]) => labels.map((label) => [tenant, agent, label, "list"]));
  if (rows.length > HUB_LIMITS.SIGNED_LABELS) {
    const most = HUB_LIMITS.SIGNED_LABELS;
    throw new HubError(
      "too_large",
      `Cannot carry a list of ${rows.length} labels: ${most} at most`,
    );
  }
  await tx.run("DELETE FROM agent_labels WHERE tenant = ?1 AND by_whom = 'list'", [tenant]);
  await insertRows(tx, "agent_labels", rows);
}
