import type { Figures, Outcome } from "../core/outcome.ts";
import type { CapabilityHost } from "./capability_host.ts";

/** A document that a run may read, piece by piece. */
export interface AttachmentSource {
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  readonly mediaType: string;
  /** @returns Exactly `length` bytes from `offset`; both are inside the document. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What a script says while it runs. Strings are the script's and may hold control characters. */
export type RunEvent =
  | { type: "log"; level: "debug" | "info" | "warn" | "error"; text: string }
  | { type: "progress"; fraction: number; message?: string }
  | { type: "event"; name: string; data: unknown };

/** A verified module, ready for a cell. */
export interface CellModule {
  /** JavaScript; types were erased by the agent. */
  readonly javascript: string;
  /** `script://publisher/name@version`, shown in stack traces in place of the blob's URL. */
  readonly scriptUrl: string;
}

/** What a script is told of itself and of what called it. Plain JSON, shown in `ctx`. */
export interface ScriptFacts {
  readonly script: { readonly publisher: string; readonly name: string; readonly version: string };
  readonly agent: { readonly id: string };
  /** Absent for a request to the script's own endpoint. */
  readonly run: { readonly id: number; readonly orderer: string; readonly attempt: number } | null;
}

/** One call of a script. */
export interface CallRequest {
  /** JSON. */
  readonly input: unknown;
  readonly attachments?: readonly AttachmentSource[];
  /** What the agent lends. Default: nothing. */
  readonly capabilities?: CapabilityHost;
  /** Default: what the module's URL says. */
  readonly facts?: ScriptFacts;
  /** Aborts the run: the script is told, and ended a moment later if it goes on. */
  readonly signal?: AbortSignal;
  /** Aborted when the agent is about to stop: the script is told, and may go on for a while. */
  readonly leaving?: AbortSignal;
  onEvent?(event: RunEvent): void;
}

/** A module and the one call of it that its cell is for. */
export type RunRequest = CellModule & CallRequest;

/** How a run ended and what it cost. */
export interface RunReport {
  outcome: Outcome;
  figures: Figures;
}
