import { HubError } from "../errors.ts";
import type { HubQueries } from "./hub_database.ts";

/**
 * Has other transactions that lock the same tenant wait until this one is over, so that what was
 * looked up after it still holds when it ends. SQLite has one transaction at a time anyway.
 */
export async function lockTenant(tx: HubQueries, tenant: string): Promise<void> {
  await tx.run("UPDATE tenants SET id = id WHERE id = ?1", [tenant]);
}

/** @throws {HubError} quota – the tenant has as many rows of a table as it may */
export async function requireRoomFor(
  tx: HubQueries,
  tenant: string,
  table: "api_tokens" | "enrol_tokens" | "users" | "webhooks",
  most: number,
): Promise<void> {
  const sql = `SELECT count(*) AS count FROM ${table} WHERE tenant = ?1`;
  const row = await tx.get<{ count: number }>(sql, [tenant]);
  if (row!.count < most) return;
  throw new HubError("quota", `Cannot make another one as there are ${most} of them already`);
}
