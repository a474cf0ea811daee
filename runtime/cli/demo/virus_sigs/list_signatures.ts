import { digestOf } from "../../../core/digest.ts";
import { EICAR_MD5 } from "../../../capabilities/scanner/eicar.ts";
import { type ScannedMachines, scannerFolder } from "./machines.ts";
import type { Signatures } from "./signatures.ts";

const NAME = "office.hdb";
/** Lists that name EICAR's test file by its MD5, or a file that nobody has. */
const NEW = bytesOf(`${EICAR_MD5}:68:Office-Canary\n`);
const OLD = bytesOf(`${"0".repeat(32)}:68:Nothing\n`);

/**
 * A plain list that an admin signed.
 *
 * @param dir Of all machines.
 * @param machines Absent where no scanner is installed: the demo then looks into the lists itself.
 * @param sign Gives the admin's signature of a text, base64.
 */
export function listSignatures(
  dir: string,
  machines: ScannedMachines | undefined,
  sign: (statement: string) => string,
): Signatures {
  const signature = sign(`writ-list 1\n${NAME}\n6\n${digestOf(NEW)}\n`);
  return {
    about: "A plain list of signatures, which an admin signed.",
    ...machines ? scannedBy(machines) : lookedInto(dir),
    news: {
      input: { do: "publish", lists: { [NAME]: { version: 6, signature } } },
      documents: [{ name: NAME, bytes: NEW }],
    },
    // The same signature, another list.
    poison: { version: 9, document: { name: NAME, bytes: OLD } },
  };
}

type Machines = Pick<Signatures, "scanner" | "start" | "finds">;

function scannedBy(machines: ScannedMachines): Machines {
  return {
    scanner: (machine) => machines.scanner(machine),
    start: (machine) => machines.start(machine, NAME, OLD),
    finds: (machine) => machines.finds(machine),
  };
}

function lookedInto(dir: string): Machines {
  return {
    scanner: (machine) =>
      Promise.resolve(`{ folder: ${scannerFolder(dir, machine)}, untested: true }`),
    start: () => Promise.resolve(),
    finds: async (machine) => {
      const list = await Deno.readTextFile(`${scannerFolder(dir, machine)}/current/${NAME}`).catch(
        () => "",
      );
      return list.includes(EICAR_MD5);
    },
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
