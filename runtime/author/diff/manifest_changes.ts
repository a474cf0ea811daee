import { DEFAULT_LIMITS, type Limits } from "../../core/documents/grant.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { formatSize, formatTime } from "../../policy/units.ts";

/** What a change means to whoever decides about the newer version. */
export type ChangeEffect =
  /** It asks for more than before. */
  | "more"
  /** It asks for less. */
  | "less"
  /** Neither. */
  | "other"
  /** An agent that has run the older one would refuse it, or take it for another script. */
  | "wrong";

/** One difference between two manifests. */
export interface ManifestChange {
  readonly about: string;
  readonly words: string;
  readonly effect: ChangeEffect;
}

const LIMIT_WORDS: Readonly<
  Record<keyof Limits, [name: string, write: (value: number) => string]>
> = {
  memoryBytes: ["memory", formatSize],
  cpuMs: ["cpu", formatTime],
  wallMs: ["wall", formatTime],
  outputBytes: ["output", formatSize],
  runs: ["runs", String],
};
/** Fields that are shown as they were and as they are. */
const PLAIN_FIELDS = ["description", "runtime", "life", "idempotent", "retry"] as const;

/**
 * Says in words how one version's manifest differs from another's: what it is, what it asks for,
 * how it wants to run. The modules are compared elsewhere.
 */
export function manifestChanges(before: Manifest, after: Manifest): ManifestChange[] {
  const changes: ManifestChange[] = [];
  const add = (about: string, words: string, effect: ChangeEffect = "other") =>
    changes.push({ about, words, effect });
  const names = [before, after].map(({ publisher, name }) => `${publisher}/${name}`);
  if (names[0] !== names[1]) add("script", `${names[0]} → ${names[1]}`, "wrong");
  if (before.version !== after.version) add("version", `${before.version} → ${after.version}`);
  addSequence(before, after, add);
  for (const change of requestChanges(before, after)) changes.push(change);
  const capabilities = (manifest: Manifest) => new Set(manifest.capabilities);
  for (const added of capabilities(after).difference(capabilities(before))) {
    add("capability", added, "more");
  }
  for (const gone of capabilities(before).difference(capabilities(after))) {
    add("capability", gone, "less");
  }
  for (const change of limitChanges(before, after)) changes.push(change);
  for (const field of PLAIN_FIELDS) {
    const [was, is] = [words(before[field]), words(after[field])];
    if (was !== is) add(field, `${was} → ${is}`);
  }
  if (words(before.inputSchema) !== words(after.inputSchema)) {
    add("input-schema", "another one");
  }
  return changes;
}

type Add = (about: string, words: string, effect?: ChangeEffect) => void;

function addSequence(before: Manifest, after: Manifest, add: Add): void {
  const words = `${before.sequence} → ${after.sequence}`;
  const same = before.module.sha256 === after.module.sha256 && before.version === after.version;
  if (after.sequence > before.sequence) add("sequence", words);
  else if (!same || after.sequence < before.sequence) {
    add("sequence", `${words}: it must rise with every release`, "wrong");
  }
}

function requestChanges(before: Manifest, after: Manifest): ManifestChange[] {
  const byName = (manifest: Manifest) =>
    new Map(manifest.requests.map((request) => {
      const name = `${request.permission} ${request.value ?? "(any that is granted)"}`;
      return [name, request.reason];
    }));
  const [was, is] = [byName(before), byName(after)];
  const about = "permission";
  const changes: ManifestChange[] = [];
  for (const [name, reason] of is) {
    const earlier = was.get(name);
    if (earlier === undefined) {
      changes.push({ about, words: `${name} (${reason})`, effect: "more" });
    } else if (earlier !== reason) {
      const words = `${name}: the reason was "${earlier}" and is "${reason}"`;
      changes.push({ about, words, effect: "other" });
    }
  }
  for (const [name, reason] of was) {
    if (!is.has(name)) changes.push({ about, words: `${name} (${reason})`, effect: "less" });
  }
  return changes;
}

function limitChanges(before: Manifest, after: Manifest): ManifestChange[] {
  const limitsOf = ({ limits }: Manifest): Limits => ({ ...DEFAULT_LIMITS, ...limits as Limits });
  const [was, is] = [limitsOf(before), limitsOf(after)];
  return Object.entries(LIMIT_WORDS).flatMap(([key, [name, write]]) => {
    const [from, to] = [was[key as keyof Limits], is[key as keyof Limits]];
    if (from === to) return [];
    const effect = to > from ? "more" : "less";
    return [{ about: `limit ${name}`, words: `${write(from)} → ${write(to)}`, effect }];
  });
}

function words(value: unknown): string {
  return value === undefined
    ? "nothing"
    : typeof value === "string"
    ? value
    : JSON.stringify(value);
}
