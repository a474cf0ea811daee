import type { HubQueries } from "../database/hub_database.ts";
import { notFound } from "../errors.ts";
import { AGENT_COLUMNS, type AgentRow } from "./agent_record.ts";

/** One agent. @throws {HubError} not_found */
export async function rowOf(from: HubQueries, tenant: string, id: string): Promise<AgentRow> {
  const sql = `SELECT ${AGENT_COLUMNS} FROM agents WHERE tenant = ?1 AND id = ?2`;
  const row = await from.get<AgentRow>(sql, [tenant, id]);
  if (!row) throw notFound("an agent", id);
  return row;
}
