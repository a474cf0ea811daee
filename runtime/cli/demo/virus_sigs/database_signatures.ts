import type { ScannedMachines } from "./machines.ts";
import type { Signatures } from "./signatures.ts";

/** Whether this is a folder as {@linkcode databaseSignatures} takes it. */
export async function isTestDatabase(folder: string): Promise<boolean> {
  return await Deno.stat(`${folder}/test-6.cvd`).then(({ isFile }) => isFile, () => false);
}

/**
 * ClamAV's own test database in its versions 1 and 6, and the increments between them.
 *
 * @param folder With `test-1.cvd`, `test-2.cdiff` to `test-6.cdiff`, and `test-6.cvd`.
 */
export function databaseSignatures(folder: string, machines: ScannedMachines): Signatures {
  const read = (name: string) => Deno.readFileSync(`${folder}/${name}`);
  const increments = [2, 3, 4, 5, 6].map((version) => `test-${version}.cdiff`);
  const poisoned = read("test-6.cvd");
  // The header says version 9; the vendor signed something else.
  poisoned.set(
    new TextEncoder().encode(":9:"),
    new TextDecoder("latin1").decode(poisoned).indexOf(":6:"),
  );
  return {
    about: "ClamAV's own test database, which its vendor signed, by increments.",
    scanner: (machine) => machines.scanner(machine),
    start: (machine) => machines.start(machine, "test.cvd", read("test-1.cvd")),
    finds: (machine) => machines.finds(machine),
    news: {
      input: { do: "publish" },
      documents: [
        ...increments.map((name) => ({ name, bytes: read(name) })),
        { name: "test.cvd", bytes: read("test-6.cvd") },
      ],
    },
    poison: { version: 9, document: { name: "test.cvd", bytes: poisoned } },
  };
}
