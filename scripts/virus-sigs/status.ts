import { parseCvdHeader } from "./cvd_header.ts";
import { parseDatabaseFile } from "./database_file.ts";
import type { Desk } from "./desk.ts";
import { seenPeers } from "./gossip.ts";
import { useOf } from "./use_newest.ts";

const HOUR_MS = 3_600_000;

/** What {@linkcode statusOf} says, as its endpoint writes it. */
export type Status = Awaited<ReturnType<typeof statusOf>>;

/** How fresh everything is: here, and as far as this agent was told, elsewhere. */
export async function statusOf(desk: Desk) {
  const { settings, shelf, bans, now } = desk;
  const files = await shelf.files();
  const shown = files.filter(({ name }) => {
    const kind = parseDatabaseFile(name)?.kind;
    return kind === "whole" || kind === "list";
  });
  const { uses, refused } = await useOf(desk);
  const databases = await Promise.all(shown.map(async (file) => {
    const { name, version, verified = false, modified } = file;
    const made = await builtAt(file.name, await shelf.open(file)) ?? modified;
    const ageHours = Math.max(0, Math.round((now() - made) / HOUR_MS));
    const fresh = ageHours <= settings.freshHours;
    return { name, version, verified, made: new Date(made).toISOString(), ageHours, fresh };
  }));
  const peers = await seenPeers(desk);
  const newest = Object.fromEntries(
    databases.map(({ name, version }) => [name.replace(/\.cvd$/, ""), version]),
  );
  return {
    databases,
    freshHours: settings.freshHours,
    scanner: desk.scanner ? { ...await desk.scanner.status(), uses, refused } : null,
    fleet: peers.map(({ name, at, uses, refused }) => ({
      name,
      seen: new Date(at).toISOString(),
      uses,
      refused,
      behind: Object.entries(newest).filter(([database, version]) =>
        uses !== null && (uses[database] ?? 0) < version
      ).map(([database]) => database),
    })),
    banned: (await bans.all(now())).map(({ peer, why, at }) => ({
      peer,
      why,
      since: new Date(at).toISOString(),
    })),
  };
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
