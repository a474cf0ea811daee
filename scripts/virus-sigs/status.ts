import type { ScannerGeneration, ScannerStatus } from "writ";
import { parseCvdHeader } from "./cvd_header.ts";
import { parseDatabaseFile } from "./database_file.ts";
import type { Desk } from "./desk.ts";
import { seenPeers } from "./gossip.ts";
import type { Settings } from "./settings.ts";
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
  /** Nothing where it may be of any age. */
  readonly fresh: boolean | null;
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
    const isRenewed = settings.renewed.includes(nameOf(name));
    const fresh = isRenewed ? ageHours <= settings.freshHours : null;
    return { name, version, verified, made: new Date(made).toISOString(), ageHours, fresh };
  }));
}

/** How many hours ago each was made, as others are told. */
export function agesOf(databases: readonly KeptDatabase[]): Record<string, number> {
  return Object.fromEntries(databases.map(({ name, ageHours }) => [nameOf(name), ageHours]));
}

/** How fresh everything is: here, and as far as this agent was told, elsewhere. */
export async function statusOf(desk: Desk) {
  const { settings, bans, now } = desk;
  const { uses, refused } = await useOf(desk);
  const databases = await keptBy(desk);
  const newest = databases.map(({ name, version }) => [nameOf(name), version] as const);
  const versions = new Map(databases.map(({ name, version }) => [name, version]));
  const fleet = (await seenPeers(desk)).map((
    { name, at, uses, refused, ages = {}, differs = {} },
  ) => ({
    name,
    seen: new Date(at).toISOString(),
    uses,
    refused,
    ages,
    fresh: isFresh(ages, settings),
    behind: newest.filter(([database, version]) => uses !== null && (uses[database] ?? 0) < version)
      .map(([database]) => database),
    /** Lists that are another there under the same version. */
    differs: Object.keys(differs).filter((list) => versions.get(list) === differs[list]),
  }));
  const machines = [isFresh(agesOf(databases), settings), ...fleet.map(({ fresh }) => fresh)];
  return {
    databases,
    renewed: settings.renewed,
    freshHours: settings.freshHours,
    /** Of this machine and those that are known, how many keep all that is renewed, and fresh. */
    sla: { fresh: machines.filter(Boolean).length, of: machines.length },
    scanner: desk.scanner
      ? {
        ...scannerAsTold(await desk.scanner.status()),
        uses,
        refused,
        why: await whyRefused(desk),
      }
      : null,
    fleet,
    banned: (await bans.all(now())).map(({ peer, why, at }) => ({
      peer,
      why,
      since: new Date(at).toISOString(),
    })),
  };
}

/** How the scanner stands, with times that people can read. */
export function scannerAsTold<Told extends ScannerStatus>({ current, previous, ...told }: Told) {
  const read = (generation: ScannerGeneration | null) =>
    generation && { ...generation, made: new Date(generation.made).toISOString() };
  return { ...told, current: read(current), previous: read(previous) };
}

/** Who keeps nothing is not fresh, nor is who lacks a database that is renewed. */
function isFresh(
  ages: Readonly<Record<string, number>>,
  { renewed, freshHours }: Settings,
): boolean {
  return Object.keys(ages).length > 0 &&
    renewed.every((name) => (ages[name] ?? Infinity) <= freshHours);
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
