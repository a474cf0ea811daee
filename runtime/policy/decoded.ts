import type { PolicyFile } from "./yaml/policy_file.ts";

/** One decoded file beside the source that its positions come from. */
export interface Decoded<T> {
  readonly file: PolicyFile;
  readonly value: T;
}
