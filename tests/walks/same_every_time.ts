/** What is another in every run of the demo. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/\/\S*writ-demo-\w+/g, "/tmp/writ-demo-…"],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:…"],
  [/sha256:[0-9a-f]+…?/g, "sha256:…"],
  [/writ-key:[\w-]{43}/g, "writ-key:…"],
  [/"(cpuMs|wallMs|peakBytes)":[\d.]+/g, '"$1":…'],
  [/\b[\d.]+ ms\b/g, "… ms"],
];

/**
 * A transcript with an ellipsis for all that is another in every run: ports, hashes, keys, times.
 * Lines that say nothing else, how far something is for instance, come once.
 */
export function sameEveryTime(transcript: string): string[] {
  const text = CHANGING.reduce((text, [form, to]) => text.replace(form, to), transcript);
  const lines = text.trimEnd().split("\n").map((line) => line.trimEnd());
  return lines.filter((line, i) => line !== lines[i - 1]);
}
