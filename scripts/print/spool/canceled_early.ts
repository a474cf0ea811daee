import type { Store } from "writ";

/** A job that was cancelled before it came. */
interface Mark {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who ordered it. */
  readonly by: string;
}

/** How long such a job is not taken, and how many are known of one orderer, who may flood. */
const KEPT = { ms: 86_400_000, ofOne: 1_000 } as const;
/** The most that are forgotten in one write. */
const FORGOTTEN_AT_ONCE = 999;
const PREFIX = "canceled/";

/** Whether a job was cancelled before it came: then it is not taken at all. */
export async function isCanceledEarly(store: Store, uuid: string): Promise<boolean> {
  return await store.get(PREFIX + uuid) !== undefined;
}

/** Has a job not be taken when it comes; the oldest of the same orderer is forgotten for it. */
export async function cancelEarly(store: Store, uuid: string, by: string): Promise<void> {
  const now = Date.now(), marks = await marksIn(store);
  const own = marks.filter(({ value }) => value.by === by).sort((a, b) => b.value.at - a.value.at);
  const old = marks.filter(({ value }) => !(now - value.at < KEPT.ms));
  const going = new Set([...own.slice(KEPT.ofOne - 1), ...old].map(({ key }) => key));
  const mark: Mark = { at: now, by };
  await store.batch([
    ...[...going].slice(0, FORGOTTEN_AT_ONCE).map((key) => ({ delete: key })),
    { set: PREFIX + uuid, value: mark },
  ]);
}

async function marksIn(store: Store): Promise<{ key: string; value: Mark }[]> {
  const marks: { key: string; value: Mark }[] = [];
  for (let after = PREFIX;;) {
    const page = await store.list<Mark>({ prefix: PREFIX, after });
    if (page.length === 0) return marks;
    marks.push(...page);
    after = page.at(-1)!.key;
  }
}
