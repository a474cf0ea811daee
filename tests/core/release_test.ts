import assert from "node:assert/strict";
import { canonicalBytes } from "../../runtime/core/canonical_json.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { parseReleaseFiles } from "../../runtime/core/release_files.ts";
import { verifyRelease } from "../../runtime/core/verification/release.ts";
import { assertRefused } from "./assert_refused.ts";
import { makeFleet, NOW, roleOf } from "./fixtures.ts";

const fleet = makeFleet();
const options = { root: fleet.root(), newest: 1, now: NOW };

Deno.test("verifyRelease() accepts what the role releases signed, and refuses the rest", async (t) => {
  const sealed = fleet.seal("release", fleet.release());
  assert.deepEqual(verifyRelease(sealed, options), fleet.release());
  const { accept, publisher } = fleet.signers;
  const { releases: _, ...withoutReleases } = fleet.root().roles;
  const cases = {
    "signed by the role accept": ["threshold", {
      bytes: fleet.seal("release", fleet.release(), [accept]),
    }],
    "signed by a publisher": ["threshold", {
      bytes: fleet.seal("release", fleet.release(), [publisher]),
    }],
    "a root without the role": ["threshold", { root: fleet.root({ roles: withoutReleases }) }],
    "one key of two": ["threshold", {
      root: fleet.root({
        roles: { ...withoutReleases, releases: roleOf([fleet.signers.releases, accept], 2) },
      }),
    }],
    "of another fleet": ["wrong_fleet", {
      bytes: fleet.seal("release", fleet.release({ fleet: "other" })),
    }],
    "taken before": ["version_rollback", { newest: 2 }],
    "older than one taken": ["version_rollback", { newest: 3 }],
    "expired": ["expired", { now: Date.parse(fleet.release().expires) }],
    "of the future": ["not_yet_valid", { now: NOW - 86_400_000 }],
    "another kind": ["wrong_kind", { bytes: fleet.seal("acceptlist", fleet.list()) }],
  } as const;
  for (const [name, [code, change]] of Object.entries(cases)) {
    await t.step(name, () => {
      const { bytes = sealed, ...rest } = change as
        & { bytes?: Uint8Array }
        & Partial<typeof options>;
      assertRefused(code, () => verifyRelease(bytes, { ...options, ...rest }));
    });
  }
});

Deno.test("parseReleaseFiles() accepts plain paths, each once, and refuses the rest", async (t) => {
  const file = (path: string) => ({
    path,
    parts: [{ sha256: digestOf(new Uint8Array(1)), length: 1 }],
  });
  const read = (...paths: string[]) =>
    parseReleaseFiles(canonicalBytes({ files: paths.map(file) })).map(({ path }) => path);
  const good = ["start", "cache/npm/@a/b+c/1.0.0/.npmrc", "a.b/_c"];
  assert.deepEqual(read(...good), good);
  const cases: Record<string, string[]> = {
    "an empty list": [],
    "no program to start": ["main.ts"],
    "the same path twice": ["start", "a", "a"],
    "a file where a folder must be": ["start", "a/b/c", "a/b"],
    "a way up": ["start", "../etc/passwd"],
    "a way up in the middle": ["start", "a/../../b"],
    "a way to here": ["start", "./a"],
    "a path from the root": ["start", "/etc/passwd"],
    "an empty part": ["start", "a//b"],
    "an empty path": ["start", ""],
    "a slash at the end": ["start", "a/"],
    "a back slash": ["start", "a\\b"],
    "a line break": ["start", "a\nb"],
    "a zero byte": ["start", "a\0b"],
    "a space": ["start", "a b"],
  };
  for (const [name, paths] of Object.entries(cases)) {
    await t.step(name, () => assertRefused("bad_schema", () => read(...paths)));
  }
  await t.step("a part longer than one may be", () => {
    const of = (length: number) => ({
      files: [{ path: "start", parts: [{ ...file("start").parts[0], length }] }],
    });
    parseReleaseFiles(canonicalBytes(of(LIMITS.RELEASE_PART_BYTES)));
    assertRefused(
      "bad_schema",
      () => parseReleaseFiles(canonicalBytes(of(LIMITS.RELEASE_PART_BYTES + 1))),
    );
  });
});
