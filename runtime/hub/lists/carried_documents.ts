import type { Digest } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";

/** A signed document as the hub carries it. */
export interface CarriedDocument {
  readonly epoch: number;
  readonly version: number;
  readonly digest: Digest;
  readonly envelope: Uint8Array;
  readonly stored: number;
  readonly storedBy: string;
}

/** What the hub carries between those who sign and the agents. */
export type CarriedKind = "root" | "acceptlist";

type Row = Omit<CarriedDocument, "envelope"> & { envelope: string };

const COLUMNS = `epoch, version, digest, envelope, stored, stored_by AS "storedBy"`;

/** The newest document of a kind. */
export async function newestDocument(
  from: HubQueries,
  tenant: string,
  kind: CarriedKind,
): Promise<CarriedDocument | undefined> {
  const row = await from.get<Row>(
    `SELECT ${COLUMNS} FROM documents WHERE tenant = ?1 AND kind = ?2
     ORDER BY epoch DESC, version DESC LIMIT 1`,
    [tenant, kind],
  );
  return row && toDocument(row);
}

/** One accept-list. */
export async function acceptListOf(
  from: HubQueries,
  tenant: string,
  { epoch, version }: Pick<CarriedDocument, "epoch" | "version">,
): Promise<CarriedDocument | undefined> {
  const row = await from.get<Row>(
    `SELECT ${COLUMNS} FROM documents
     WHERE tenant = ?1 AND kind = 'acceptlist' AND epoch = ?2 AND version = ?3`,
    [tenant, epoch, version],
  );
  return row && toDocument(row);
}

/** Documents of a kind with a higher version, lowest first. */
export async function documentsAfter(
  from: HubQueries,
  tenant: string,
  kind: CarriedKind,
  version: number,
  limit: number,
): Promise<CarriedDocument[]> {
  const rows = await from.all<Row>(
    `SELECT ${COLUMNS} FROM documents WHERE tenant = ?1 AND kind = ?2 AND version > ?3
     ORDER BY epoch, version LIMIT ?4`,
    [tenant, kind, version, limit],
  );
  return rows.map(toDocument);
}

/** Stores a document that was verified. */
export async function putDocument(
  tx: HubQueries,
  tenant: string,
  kind: CarriedKind,
  document: CarriedDocument,
): Promise<void> {
  const { epoch, version, digest, envelope, stored, storedBy } = document;
  await tx.run(
    `INSERT INTO documents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
     ON CONFLICT (tenant, kind, epoch, version) DO NOTHING`,
    [tenant, kind, epoch, version, digest, textOf(envelope), stored, storedBy],
  );
}

/** An envelope is canonical JSON, so its text has one spelling in bytes. */
export function textOf(envelope: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(envelope);
}

/** As {@linkcode textOf}, back. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function toDocument(row: Row): CarriedDocument {
  return { ...row, envelope: bytesOf(row.envelope) };
}
