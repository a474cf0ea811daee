import { basename } from "node:path";
import { documentTypeOf } from "../author/attachment_file.ts";
import { Digester } from "../core/digest.ts";
import type { Attachment } from "../core/documents/order.ts";
import { payloadType } from "../core/dsse.ts";
import type { AgentClient } from "./agent_client.ts";
import type { Cli } from "./cli.ts";
import { fileError } from "./files.ts";

/**
 * Gives a file to the agent and describes it for the order. The file is read twice, so that one of
 * any size needs no memory; if it changes in between, the agent refuses it.
 */
export async function uploadAttachment(
  cli: Cli,
  agent: AgentClient,
  file: string,
): Promise<Attachment> {
  const path = cli.path(file);
  const open = () =>
    Deno.open(path).catch((error) => {
      throw fileError("read", file, error);
    });
  const hash = new Digester();
  try {
    for await (const chunk of (await open()).readable) hash.update(chunk);
  } catch (error) {
    // A folder opens like a file, and shows only when it is read.
    throw fileError("read", file, error);
  }
  const { length } = hash;
  const sha256 = hash.digest();
  const body = (await open()).readable;
  const response = await agent.ask(`/v1/blobs/${sha256}`, { method: "PUT", body });
  await response.body?.cancel();
  const name = basename(path);
  return { name, sha256, length, mediaType: documentTypeOf(name) };
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
    body: new Uint8Array(envelope),
  });
}
