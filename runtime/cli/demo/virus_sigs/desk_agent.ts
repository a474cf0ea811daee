import { digestOf } from "../../../core/digest.ts";
import type { Signer } from "../../../core/key.ts";
import type { ScriptName } from "../../../core/documents/common.ts";
import type { Outcome } from "../../../core/outcome.ts";
import { followRun } from "../../runs/follow_run.ts";
import { orderScript, startDemoAgent } from "../demo_agent.ts";

/** What a document is ordered with. */
export interface Document {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An agent that runs, as whoever sits at its machine uses it. */
export interface DeskAgent {
  readonly id: string;
  /** Where its peers reach it. */
  readonly url: string;
  /** What vouches for its certificate, where it speaks TLS. */
  readonly ca?: string | undefined;
  /** With its policy and its state. */
  readonly dir: string;
  /** Orders a script of it, and waits for the end. */
  order(script: ScriptName, input: unknown, documents: readonly Document[]): Promise<Outcome>;
  /** What it answers to programs on its own machine. */
  read(path: string): Promise<string>;
  /** Has it take its policy anew. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an agent in this process, by the policy in its folder. */
export async function startHere(dir: string, operator: Signer): Promise<DeskAgent> {
  const started = await startDemoAgent(dir);
  const { agent, client, url } = started;
  return {
    ...{ id: agent.id, url, ca: agent.ca, dir },
    async order(script, input, documents) {
      const attachments = documents.map(({ name, bytes }) => ({
        name,
        mediaType: "application/octet-stream",
        sha256: digestOf(bytes),
        length: bytes.length,
      }));
      for (const { bytes } of documents) {
        const path = `/v1/blobs/${digestOf(bytes)}`;
        await (await client.ask(path, { method: "PUT", body: bytes })).body?.cancel();
      }
      const run = await orderScript(started, script, { input, attachments }, operator);
      const signal = AbortSignal.timeout(120_000);
      return await followRun(client, run, { signal, onEvent() {} });
    },
    read: async (path) => await (await client.ask(path)).text(),
    reload: async () => void await agent.reload(),
    stop: () => agent.stop(),
  };
}
