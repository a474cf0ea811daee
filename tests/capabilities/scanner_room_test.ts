import assert from "node:assert/strict";
import type { ScannerPrograms } from "../../runtime/capabilities/scanner/programs.ts";
import { isShortOfRoom } from "../../runtime/capabilities/scanner/room.ts";
import { CapabilityError } from "../../runtime/sandbox/mod.ts";

/** Whether there was too little room for 1 MB, by what `stat` says. */
function isShort(code: number, output: string): Promise<boolean> {
  const run = () => Promise.resolve({ code, output });
  const { signal } = new AbortController();
  return isShortOfRoom({ run } as unknown as ScannerPrograms, "/", 1_000_000, signal);
}

Deno.test("isShortOfRoom() reads what is free of a file system", async () => {
  assert.equal(await isShort(0, "15625 4096 100 1\n"), false);
  assert.equal(await isShort(0, "15624 4096 100 1\n"), true);
  assert.equal(await isShort(0, "15625 4096 100 0\n"), true, "no file may be made");
  assert.equal(await isShort(0, "15625 4096 0 0\n"), false, "files have no bound");
});

Deno.test("isShortOfRoom() does not say that there was room where nobody can tell", async () => {
  const unknown: [code: number, output: string][] = [
    [1, "stat: unrecognized option: file-system"],
    [0, ""],
    [0, "15625 4096 100"],
    [0, "? ? ? ?"],
  ];
  for (const [code, output] of unknown) {
    await assert.rejects(
      () => isShort(code, output),
      (error) => error instanceof CapabilityError && error.code === "unavailable",
      output,
    );
  }
});
