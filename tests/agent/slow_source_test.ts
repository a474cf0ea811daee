import assert from "node:assert/strict";
import { RunRecorder } from "../../runtime/agent/runs/run_recorder.ts";
import { resolveScript } from "../../runtime/agent/scripts/resolve_script.ts";
import { ScriptLibrary } from "../../runtime/agent/scripts/script_library.ts";
import type { Source } from "../../runtime/agent/sources/source.ts";
import { ContentStore } from "../../runtime/agent/content/content_store.ts";
import { AgentError } from "../../runtime/agent/errors.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import { ManifestTable } from "../../runtime/agent/store/manifests.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { modulePath } from "../../runtime/core/source_layout.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { NOON, TestFleet } from "./fixture.ts";

/** Never answers; counts how often it was asked. */
function deaf(): Source & { asked: number } {
  return {
    name: "deaf",
    asked: 0,
    read(_path, _maxBytes, signal) {
      this.asked++;
      return new Promise((_, reject) => {
        signal!.addEventListener("abort", () => reject(signal!.reason), { once: true });
      });
    },
  };
}

function libraryOf(folder: string, store: Store, sources: readonly Source[]): ScriptLibrary {
  return new ScriptLibrary({
    sources: () => sources,
    manifests: new ManifestTable(store),
    modules: new ContentStore(`${folder}/modules`, 1_000_000),
    now: () => NOON,
    log: silentLog,
  });
}

Deno.test("resolveScript() waits for all sources together no longer than its deadline", async () => {
  using folder = new TemporaryDir();
  using store = Store.open(`${folder.path}/agent.db`);
  const fleet = new TestFleet();
  const library = libraryOf(folder.path, store, [deaf(), deaf(), deaf()]);
  const { order } = fleet.order(keyId(generateSigner().publicKey));
  await assert.rejects(
    resolveScript(order, {
      library,
      policy: fleet.policy(),
      highestSequence: undefined,
      signal: new AbortController().signal,
      deadlineMs: 20,
    }),
    { name: "VerificationError", code: "not_found" },
  );
});

Deno.test("resolveScript() does not wait a second time for a source that let it wait", async () => {
  using folder = new TemporaryDir();
  using store = Store.open(`${folder.path}/agent.db`);
  const fleet = new TestFleet();
  const { digest } = fleet.publish("1.0.0");
  const slow = deaf();
  const good = fleet.source();
  const library = libraryOf(folder.path, store, [slow, good]);
  const { order } = fleet.order(keyId(generateSigner().publicKey));
  const resolve = (deadlineMs: number) =>
    resolveScript(order, {
      library,
      policy: fleet.policy(),
      highestSequence: undefined,
      signal: new AbortController().signal,
      deadlineMs,
    });
  await assert.rejects(resolve(20), { code: "not_found" });
  const asked = slow.asked;
  const { moduleBytes } = await resolve(60_000);
  assert.deepEqual(moduleBytes, fleet.files.get(modulePath(digest)));
  assert.equal(slow.asked, asked);
});

Deno.test("RunRecorder.untilStored() gives up when it has become too late", async () => {
  const recorder = new RunRecorder({ log: silentLog } as never);
  const full = () => Promise.reject(new AgentError("disk_full", "on purpose"));
  const { signal } = new AbortController();
  assert.equal(await recorder.untilStored(full, signal, () => true), undefined);
  assert.equal(await recorder.untilStored(() => Promise.resolve(1), signal, () => true), 1);
});
