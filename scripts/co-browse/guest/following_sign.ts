import type { Person } from "../wire/host_message.ts";

/** What stands over a page that follows another one. */
export function followingSign(
  people: readonly Person[],
  holder: string,
  you: string,
): string | null {
  const host = people.find(({ kind }) => kind === "host");
  if (!host) return null;
  if (holder === you) return `You drive ${host.name}'s browser`;
  const leader = people.find(({ id }) => id === holder) ?? host;
  return `You follow ${leader.name}`;
}
