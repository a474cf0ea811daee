import { parseCvdHeader } from "./cvd_header.ts";
import { parseDatabaseFile } from "./database_file.ts";
import type { Desk } from "./desk.ts";
import { seenPeers } from "./gossip.ts";
import { useOf, whyRefused } from "./use_newest.ts";

const HOUR_MS = 3_600_000;

/** What {@linkcode statusOf} says, as its endpoint writes it. */
export type Status = Awaited<ReturnType<typeof statusOf>>;

/** A database or list that this agent keeps, and how old it is. */
export interface KeptDatabase {
  readonly name: string;
  readonly version: number;
  readonly verified: boolean;
  readonly made: string;
  readonly ageHours: number;
  readonly fresh: boolean;
}

/** All that this agent keeps. */
export async function keptBy({ settings, shelf, now }: Desk): Promise<KeptDatabase[]> {
  const shown = (await shelf.files()).filter(({ name }) => {
    const kind = parseDatabaseFile(name)?.kind;
    return kind === "whole" || kind === "list";
  });
  return await Promise.all(shown.map(async (file) => {
    const { name, version, verified = false, modified } = file;
    const made = await builtAt(file.name, await shelf.open(file)) ?? modified;
    const ageHours = Math.max(0, Math.round((now() - made) / HOUR_MS));
    const fresh = ageHours <= settings.freshHours;
    return { name, version, verified, made: new Date(made).toISOString(), ageHours, fresh };
  }));
}

/** How many hours ago each was made, as others are told. */
export function agesOf(databases: readonly KeptDatabase[]): Record<string, number> {
  return Object.fromEntries(databases.map(({ name, ageHours }) => [nameOf(name), ageHours]));
}

/** How fresh everything is: here, and as far as this agent was told, elsewhere. */
export async function statusOf(desk: Desk) {
  const { settings: { freshHours }, bans, now } = desk;
  const { uses, refused } = await useOf(desk);
  const databases = await keptBy(desk);
  const newest = databases.map(({ name, version }) => [nameOf(name), version] as const);
  const fleet = (await seenPeers(desk)).map(({ name, at, uses, refused, ages = {} }) => ({
    name,
    seen: new Date(at).toISOString(),
    uses,
    refused,
    ages,
    fresh: isFresh(Object.values(ages).map((hours) => hours <= freshHours)),
    behind: newest.filter(([database, version]) => uses !== null && (uses[database] ?? 0) < version)
      .map(([database]) => database),
  }));
  const machines = [isFresh(databases.map(({ fresh }) => fresh)), ...fleet.map((p) => p.fresh)];
  return {
    databases,
    freshHours,
    /** Of this machine and those that are known, how many keep what is fresh, and nothing else. */
    sla: { fresh: machines.filter(Boolean).length, of: machines.length },
    scanner: desk.scanner
      ? { ...await desk.scanner.status(), uses, refused, why: await whyRefused(desk) }
      : null,
    fleet,
    banned: (await bans.all(now())).map(({ peer, why, at }) => ({
      peer,
      why,
      since: new Date(at).toISOString(),
    })),
  };
}

/** Who keeps nothing is not fresh either. */
function isFresh(each: readonly boolean[]): boolean {
  return each.length > 0 && each.every(Boolean);
}

function nameOf(file: string): string {
  return file.replace(/\.cvd$/, "");
}

/** When the vendor built a database, milliseconds since 1970; nothing for a list. */
async function builtAt(
  name: string,
  stream: ReadableStream<Uint8Array> | undefined,
): Promise<number | undefined> {
  if (!stream || !name.endsWith(".cvd")) {
    await stream?.cancel();
    return undefined;
  }
  for await (const chunk of stream) {
    try {
      return parseCvdHeader(chunk).builtAt * 1000 || undefined;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
