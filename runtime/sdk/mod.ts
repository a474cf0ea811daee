/**
 * What a script may see: types only, erased before the script runs.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { FetchContext } from "./endpoint.ts";

export type {
  Browser,
  BrowserApplied,
  BrowserEvent,
  BrowserFrame,
  BrowserFrameLook,
  BrowserInput,
  BrowserLook,
  BrowserModifier,
  BrowserSession,
  BrowserSnapshot,
  ElementPoint,
  ElementRef,
  TextPoint,
} from "./browser.ts";
export type {
  BlobPart,
  BlobRecord,
  Blobs,
  Channel,
  ChannelEvent,
  Dir,
  HubNotes,
  Peer,
  PeerOrderOptions,
  PeerRun,
  Peers,
  Scanner,
  ScannerChange,
  ScannerFile,
  ScannerGeneration,
  ScannerStatus,
  Store,
  StoreCheck,
  StoredBlob,
  StoreListOptions,
  StoreWrite,
} from "./capabilities.ts";
export type { AttachmentHandle, CallContext, Context, Log } from "./context.ts";
export type { Caller, FetchContext, ScriptSocket } from "./endpoint.ts";

/** A script: its default export. It has at least one of the two. */
export interface Script<Input = unknown, Output = unknown> {
  /** Answers an order. The result must be JSON. */
  run?(input: Input, ctx: Context): Output | Promise<Output>;
  /** Answers an HTTP request to the script's own endpoint. Both bodies stream. */
  fetch?(request: Request, ctx: FetchContext): Response | Promise<Response>;
}
