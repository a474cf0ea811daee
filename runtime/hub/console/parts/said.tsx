import { ago, brief, isoOf } from "./words.ts";
import { visible } from "./visible.ts";

/** Text that an agent, a script or a person wrote: kept apart from what stands beside it. */
export function Said({ text, most = 300 }: { text: string; most?: number }) {
  const shown = visible(text);
  return <bdi>{shown.length > most ? `${shown.slice(0, most)}…` : shown}</bdi>;
}

/** Text with keys and digests in it: of them the beginning, and all where a pointer rests. */
export function Named({ text }: { text: string }) {
  const short = text.replace(/writ-key:[\w-]{43}|sha256:[0-9a-f]{64}/g, brief);
  return short === text ? <Said text={text} /> : <bdi title={text}>{visible(short)}</bdi>;
}

/** A key or a digest, in short; all of it where a pointer rests. */
export function Id({ id }: { id: string }) {
  return <code title={visible(id)}>{visible(brief(id))}</code>;
}

/** A moment, as it looks from now. */
export function When({ at, now }: { at: number | null; now: number }) {
  if (at === null) return <span class="quiet">never</span>;
  const written = isoOf(at);
  return <time datetime={written} title={written.replace("T", " ")}>{ago(at, now)}</time>;
}

/** A moment, as a clock at Greenwich has it. */
export function At({ at, now }: { at: number; now: number }) {
  const written = isoOf(at);
  return (
    <time datetime={written} title={ago(at, now)}>{written.slice(0, 19).replace("T", " ")}</time>
  );
}

/** How something stands: a colour, and always a word. */
export type Tone = "good" | "warn" | "bad" | "odd" | "quiet" | "gone" | "busy";

export function Badge({ tone, word }: { tone: Tone; word: string }) {
  return <span class={`badge ${tone}`}>{visible(word)}</span>;
}
