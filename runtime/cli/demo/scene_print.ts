import type { AgentInfo } from "../../agent/mod.ts";
import { digestOf } from "../../core/digest.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { letter } from "./letter.ts";
import { orderAndFollow, type Play, wordsOf } from "./play.ts";
import { attach } from "./workshop.ts";

/** What the first scene showed. */
export interface PrintScene {
  readonly ok: boolean;
  readonly outcome: string;
  readonly result: unknown;
  /** Whether the printer holds the very bytes that were sent. */
  readonly identical: boolean;
  /** The order, to be replayed. */
  readonly envelope: Uint8Array;
}

const INPUT = { copies: 2, sides: "two-sided-long-edge", jobName: "Letter", user: "demo" };

/** A signed order prints a document on the printer that the grant names. */
export async function playPrint(
  play: Play,
  { manifest, bytes }: { manifest: Manifest; bytes: number },
): Promise<PrintScene> {
  const { stage, client, printer, agent } = play;
  stage.scene("A signed order prints");
  stage.say(
    "module",
    `acme/print ${manifest.version}, ${bytes} bytes, ${shortHash(manifest.module.sha256)}`,
  );
  stage.say("accepted", "policy/accept.yaml: acme/print ^1.0.0, signed by acme");
  stage.say("granted", `net ${printer.address}, and nothing else`);
  stage.say(
    "agent",
    `${agent.url}, isolation level ${(await client.json<AgentInfo>("/v1/info")).level}`,
  );
  stage.say("printer", `${printer.uri}, an IPP printer of the demo's own`);

  const document = letter("Signed, accepted, ordered, printed.");
  const attachment = attach("letter.pdf", "application/pdf", document);
  await (await client.ask(`/v1/blobs/${attachment.sha256}`, { method: "PUT", body: document }))
    .body?.cancel();
  stage.say("ordered", `letter.pdf, ${document.length} bytes, 2 copies, both sides`);
  const { end, envelope } = await orderAndFollow(play, "acme/print", {
    input: { ...INPUT, printer: printer.uri },
    attachments: [attachment],
    onEvent: (event) => {
      if (event.type === "progress") {
        stage.more(`${Math.round(event.fraction * 100)} % ${event.message ?? ""}`);
      }
    },
  });
  const [job] = printer.jobs;
  const identical = job !== undefined && digestOf(job.bytes) === attachment.sha256;
  const asked = job?.copies === INPUT.copies && job.sides === INPUT.sides;
  const result = end.outcome === "ok" ? end.result : null;
  stage.check(end.outcome === "ok", "the script ran in its cell", wordsOf(end).verdict);
  stage.check(
    identical,
    "the printer has the document",
    `byte for byte, ${shortHash(attachment.sha256)}`,
  );
  stage.check(asked, "as it was ordered", `${job?.copies} copies, ${job?.sides}`);
  const ok = end.outcome === "ok" && identical && asked;
  return { ok, outcome: end.outcome, result, identical, envelope };
}

function shortHash(digest: string): string {
  return digest.slice(0, "sha256:".length + 12) + "…";
}
