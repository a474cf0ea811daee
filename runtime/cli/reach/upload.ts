import { basename } from "node:path";
import { documentTypeOf } from "../../author/attachment_file.ts";
import { Digester } from "../../core/digest.ts";
import type { Attachment } from "../../core/documents/order.ts";
import { payloadType } from "../../core/dsse.ts";
import { fileError } from "../arguments/files.ts";
import type { Cli } from "../cli.ts";
import type { AgentClient } from "./agent_client.ts";

/** A file that goes with an order. */
export interface AttachedFile {
  /** As the user wrote it. */
  readonly file: string;
  readonly attachment: Attachment;
}

/** Describes a file for an order; one of any size needs no memory. */
export async function describeFile(cli: Cli, file: string): Promise<AttachedFile> {
  const path = cli.path(file);
  const hash = new Digester();
  try {
    for await (const chunk of (await Deno.open(path)).readable) hash.update(chunk);
  } catch (error) {
    // A folder opens like a file, and shows only when it is read.
    throw fileError("read", file, error);
  }
  const { length } = hash;
  const name = basename(path);
  const attachment = { name, sha256: hash.digest(), length, mediaType: documentTypeOf(name) };
  return { file, attachment };
}

/**
 * Gives the agent those files of an order that it does not have. They are read once more; if one
 * has changed since, the agent refuses it.
 *
 * @param envelope The order's; it says what may be uploaded, and for whom.
 */
export async function uploadMissing(
  cli: Cli,
  agent: AgentClient,
  envelope: Uint8Array,
  files: readonly AttachedFile[],
): Promise<void> {
  if (files.length === 0) return;
  const { missing } = await agent.json<{ missing: string[] }>("/v1/attachments", {
    method: "POST",
    headers: { "content-type": payloadType("order") },
    body: envelope,
  });
  const wanted = new Set(missing);
  for (const { file, attachment: { sha256: digest } } of files) {
    // Two names may be one file.
    if (!wanted.delete(digest)) continue;
    const opened = await Deno.open(cli.path(file)).catch((error) => {
      throw fileError("read", file, error);
    });
    const body = { stream: opened.readable, digest };
    const response = await agent.ask(`/v1/blobs/${digest}`, { method: "PUT", body });
    await response.body?.cancel();
  }
}

/**
 * Gives the agent an order. When this resolves, it is on the agent's disk.
 *
 * @throws {CliError} unreachable – when nobody answers
 * @throws {AgentRefusal} when the agent does not take the order
 */
export async function sendOrder(
  agent: AgentClient,
  envelope: Uint8Array,
): Promise<{ run: number; order: string }> {
  return await agent.json("/v1/orders", {
    method: "POST",
    headers: { "content-type": payloadType("order") },
    body: envelope,
  });
}
