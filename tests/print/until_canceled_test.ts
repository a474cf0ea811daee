import assert from "node:assert/strict";
import type { IppMessage } from "../../scripts/print/ipp/message.ts";
import { newJob } from "../../scripts/print/spool/new_job.ts";
import { Spool, type SpoolContext } from "../../scripts/print/spool/spool.ts";
import { untilCanceled } from "../../scripts/print/target/until_canceled.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { within } from "../within.ts";
import { fakeContext } from "./fake_context.ts";
import { FakeBlobs, FakeStore } from "./fake_stores.ts";
import { handedJob } from "./handed_job.ts";

Deno.test("untilCanceled() tells the printer once, and sends nothing of what is cancelled", async () => {
  using dir = new TemporaryDir();
  const store = new FakeStore(`${dir.path}/store.db`);
  try {
    const blobs = new FakeBlobs(`${dir.path}/blobs`) as unknown as SpoolContext["blobs"];
    const ctx: SpoolContext = { ...fakeContext([]).ctx, store, blobs };
    const spool = await Spool.load(ctx, () => "");
    await spool.add(ctx, newJob(1, "office", handedJob(), "taken"));
    await spool.change(ctx, 1, () => ({ state: "processing" }));
    const job = { id: 1, spool, signal: new AbortController().signal };
    const heard = Promise.withResolvers<void>();
    let told = 0, sent = 0;
    const tell = () => (told++, heard.promise);
    const send = (signal: AbortSignal) => {
      sent++;
      return new Promise<IppMessage>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    };
    const came = untilCanceled(job, send, tell);
    await spool.change(ctx, 1, () => ({ canceling: true }));
    await spool.change(ctx, 1, () => ({ message: "the printer waits for paper" }));
    heard.resolve();
    assert.equal(await within(came, "the end of what is cancelled"), undefined);
    assert.deepEqual([told, sent], [1, 1]);
    assert.equal(await within(untilCanceled(job, send, tell), "the printer's word"), undefined);
    assert.deepEqual([told, sent], [2, 1]);
  } finally {
    store.close();
  }
});
