import { canonicalBytes } from "../../../runtime/core/canonical_json.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { generateSigner, type Signer } from "../../../runtime/core/key.ts";
import { instant } from "../../agent/fixture.ts";
import { type TestHub, WHO } from "../hub_fixture.ts";

/** A hub whose root says who signs releases, and a release of one file, signed. */
export async function withRelease(hub: TestHub, upload = true) {
  const releases = await withReleaseKey(hub);
  const files = { start: "#!/bin/sh\n" };
  const release = await makeRelease(hub, files, { sequence: 7, version: "0.2.0", deno: "2.9.7" });
  if (!upload) await hub.services.database.run("DELETE FROM content");
  return {
    release: sealDocument("release", release, [releases]),
    stranger: sealDocument("release", release, [generateSigner()]),
  };
}

/** Has the hub's root name a key that signs releases. */
export async function withReleaseKey(hub: TestHub): Promise<Signer> {
  const releases = generateSigner();
  const root = hub.root("acme");
  const next = {
    ...{ ...root, version: 2 },
    roles: { ...root.roles, releases: { keys: [releases.publicKey], threshold: 1 } },
  };
  await hub.services.lists.putRoot("acme", WHO, sealDocument("root", next, [hub.rootKey]));
  return releases;
}

/** A release of small files, all of which can be started, with its parts uploaded. */
export async function makeRelease(
  hub: TestHub,
  files: Readonly<Record<string, string>>,
  head: { sequence: number; version: string; deno: string },
) {
  const { content } = hub.services;
  const upload = async (part: Uint8Array) => {
    const named = { sha256: digestOf(part), length: part.length };
    await content.put("acme", named.sha256, ReadableStream.from([part]));
    return named;
  };
  const listed = [];
  for (const path of Object.keys(files).sort()) {
    const part = await upload(new TextEncoder().encode(files[path]));
    listed.push({ path, parts: [part], executable: true });
  }
  return {
    ...{ fleet: "test", ...head },
    targets: { [Deno.build.target]: await upload(canonicalBytes({ files: listed })) },
    issued: instant(Date.now() - 60_000),
    expires: instant(Date.now() + 3_600_000),
  };
}
