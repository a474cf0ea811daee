import type { Node } from "yaml";
import type { Finding, PolicyFile, Segments } from "./policy_file.ts";

/** One value of a file, where it stands, and how to complain about it. */
export class Place {
  readonly file: PolicyFile;
  readonly node: Node | null;
  readonly segments: Segments;

  constructor(file: PolicyFile, node: Node | null, segments: Segments = []) {
    this.file = file;
    this.node = node;
    this.segments = segments;
  }

  /** Collects a mistake and answers `undefined`, what a decoder returns then. */
  mistake(finding: Finding): undefined {
    this.file.mistake(this.node, keyPath(this.segments), finding);
  }

  /** Collects a warning: allowed, and probably not what was meant. */
  warn(finding: Finding): void {
    this.file.warn(this.node, keyPath(this.segments), finding);
  }

  /** The value below `segment`. */
  below(segment: string | number, node: Node | null): Place {
    return new Place(this.file, node ?? this.node, [...this.segments, segment]);
  }
}

/** Writes segments as admins read them: `permissions.net[0]`, `labels["writ-key:…"]`. */
export function keyPath(segments: Segments): string {
  return segments.map((segment, i) =>
    typeof segment === "number"
      ? `[${segment}]`
      : /^[\w-]+$/.test(segment)
      ? `${i ? "." : ""}${segment}`
      : `[${JSON.stringify(segment)}]`
  ).join("");
}
