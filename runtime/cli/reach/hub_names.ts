import * as v from "valibot";
import { type KeyId, keyIdSchema } from "../../core/documents/common.ts";
import type { AgentSummary } from "../../hub/mod.ts";
import { CliError } from "../errors.ts";
import type { HubApi } from "./hub_api.ts";

/** As many of the newest are looked through for one whose id begins as was typed. */
const NEWEST = 500;
/** What the hub, or whoever signed an order elsewhere, calls one. */
const WHOLE_ID = /^(?:[\w-]{16}|[\da-f-]{36})$/;

/** How every id begins, and no name of an agent. */
const ID_START = "writ-key:";

/**
 * Finds the agent that a person means: by its id, which is taken as it is, the beginning of its id,
 * or its name.
 *
 * @throws {CliError} refused – there is none, or there are several
 */
export async function agentIdOf(api: HubApi, text: string): Promise<KeyId> {
  return await agentNamed(api, text, ({ standing }) => standing !== "revoked");
}

/**
 * As {@linkcode agentIdOf}, of one that was approved: whoever has a token can have a machine wait that
 * calls itself as another does.
 *
 * @throws {CliError} – as {@linkcode agentIdOf}
 */
export async function approvedIdOf(api: HubApi, text: string): Promise<KeyId> {
  return await agentNamed(api, text, ({ standing }) => standing === "approved");
}

async function agentNamed(
  api: HubApi,
  text: string,
  isMeant: (agent: AgentSummary) => boolean,
): Promise<KeyId> {
  if (v.is(keyIdSchema, text)) return text;
  const { items } = await api.list<AgentSummary>("/api/v1/agents", { search: text });
  const isId = text.startsWith(ID_START);
  const named = isId ? [] : items.filter(({ name }) => name === text);
  // A machine that was installed again has the name of the one whose place it took.
  const found = [named.filter(isMeant), named].find(({ length }) => length > 0) ??
    items.filter(({ id }) => id.startsWith(text));
  if (found.length === 1) return found[0]!.id;
  throw found.length === 0
    ? notFound("an agent", text, "agents")
    : ambiguous(text, found.map(({ id, name }) => `${name} (${id})`));
}

/**
 * Finds an order or a rollout by its id, or by how it begins among the newest.
 *
 * @throws {CliError} refused – there is none, or there are several
 */
export async function idOf(
  api: HubApi,
  list: "orders" | "rollouts",
  text: string,
): Promise<string> {
  if (WHOLE_ID.test(text)) return text;
  const { items } = await api.list<{ id: string }>(`/api/v1/${list}`, {}, NEWEST);
  const found = items.filter(({ id }) => id.startsWith(text)).map(({ id }) => id);
  if (found.length === 1) return found[0]!;
  throw found.length === 0
    ? notFound(list === "orders" ? "an order" : "a rollout", text, list)
    : ambiguous(text, found);
}

function notFound(what: string, text: string, list: string): CliError {
  return new CliError("refused", `Cannot find ${what} "${text}"`, `writ hub ${list} shows them`);
}

function ambiguous(text: string, found: readonly string[]): CliError {
  const hint = `write more of it: ${found.slice(0, 5).join(", ")}`;
  return new CliError("refused", `Cannot tell which one "${text}" is`, hint);
}
