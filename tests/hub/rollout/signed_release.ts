import { canonicalBytes } from "../../../runtime/core/canonical_json.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { generateSigner } from "../../../runtime/core/key.ts";
import { instant } from "../../agent/fixture.ts";
import { type TestHub, WHO } from "../hub_fixture.ts";

/** A hub whose root says who signs releases, and a release of one file, signed. */
export async function withRelease(hub: TestHub, upload = true) {
  const releases = generateSigner();
  const root = hub.root("acme");
  const next = {
    ...{ ...root, version: 2 },
    roles: { ...root.roles, releases: { keys: [releases.publicKey], threshold: 1 } },
  };
  await hub.services.lists.putRoot("acme", WHO, sealDocument("root", next, [hub.rootKey]));
  const start = new TextEncoder().encode("#!/bin/sh\n");
  const list = canonicalBytes({
    files: [{
      path: "start",
      parts: [{ sha256: digestOf(start), length: start.length }],
      executable: true,
    }],
  });
  for (const part of upload ? [start, list] : [list]) {
    await hub.services.content.put("acme", digestOf(part), ReadableStream.from([part]));
  }
  const release = {
    ...{ fleet: "test", sequence: 7, version: "0.2.0", deno: "2.9.7" },
    targets: { [Deno.build.target]: { sha256: digestOf(list), length: list.length } },
    issued: instant(Date.now() - 60_000),
    expires: instant(Date.now() + 3_600_000),
  };
  return {
    release: sealDocument("release", release, [releases]),
    stranger: sealDocument("release", release, [generateSigner()]),
  };
}
