import type { TestSession } from "./fixture.ts";

/** All that has left the page, in one text; its mirror is on from then on. */
export async function everythingTold(session: TestSession): Promise<string> {
  const taken = await session.call("snapshot");
  const bytes = await session.call("read", { snapshot: taken.snapshot, offset: 0 });
  const rest = [taken.url, session.events, await session.call("state"), await session.call("list")];
  return new TextDecoder().decode(bytes) + JSON.stringify(rest);
}

/** The mirror's changes of one kind that were told. */
export function changesOf(session: TestSession, source: number): number {
  return session.events.filter((told) => {
    if (told.type !== "mirror") return false;
    const { type, data } = told.event as { type: number; data: { source: number } };
    return type === 3 && data.source === source;
  }).length;
}
