import assert from "node:assert/strict";
import { type TryOptions, tryRelease } from "../../../runtime/agent/release/try_release.ts";
import { TemporaryDir } from "../../temporary_dir.ts";
import { until } from "../../until.ts";

const RELEASE = {
  ...{ fleet: "test", sequence: 2, version: "0.2.0", deno: "2.9.7", targets: {} },
  ...{ issued: "2026-01-01T00:00:00Z", expires: "2027-01-01T00:00:00Z" },
};
const SAYS = { start: "echo 0.2.0", deno: "echo 'deno 2.9.7 (stable)'" };

/** A release whose two programs are scripts of a shell. */
function programs(dir: TemporaryDir, texts: Partial<typeof SAYS> = {}): string {
  for (const [name, text] of Object.entries({ ...SAYS, ...texts })) {
    Deno.writeTextFileSync(`${dir.path}/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return dir.path;
}

function tried(folder: string, options: Partial<TryOptions> = {}): Promise<void> {
  const { signal } = new AbortController();
  return tryRelease(folder, RELEASE, { state: folder, signal, ...options });
}

Deno.test("tryRelease() takes a release for what it says, and for nothing else", {
  ignore: Deno.build.os !== "linux",
}, async (t) => {
  using dir = new TemporaryDir();
  await tried(programs(dir));
  const broken: Record<string, Partial<typeof SAYS>> = {
    "another Writ": { start: "echo 0.2.1" },
    "another Deno": { deno: "echo deno 2.9.8" },
    "that does not start": { start: "exit 1" },
    "that says too much": { start: "yes" },
  };
  for (const [what, texts] of Object.entries(broken)) {
    await t.step(
      what,
      () =>
        assert.rejects(tried(programs(dir, texts)), { name: "AgentError", code: "release_broken" }),
    );
  }
});

Deno.test("tryRelease() ends a release that hangs, when its time is over or the agent stops", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  using late = new TemporaryDir();
  using stopped = new TemporaryDir();
  // The program that hangs is a child of the one that is started, and holds its output.
  const hangs = { start: `echo $$ >"$2/pid"; sleep 60; echo 0.2.0` };
  await assert.rejects(tried(programs(late, hangs), { withinMs: 500 }), { code: "release_broken" });

  const folder = programs(stopped, hangs);
  const stopping = new AbortController();
  const trial = tried(folder, { signal: stopping.signal });
  trial.catch(() => {});
  const pid = () => Deno.readTextFileSync(`${folder}/pid`).trim();
  await until(() => Deno.stat(`${folder}/pid`).then(() => pid() !== "", () => false));
  stopping.abort(new Error("the agent stops"));
  await assert.rejects(trial, { message: "the agent stops" });
  await assert.rejects(Deno.stat(`/proc/${pid()}`), Deno.errors.NotFound);
});
