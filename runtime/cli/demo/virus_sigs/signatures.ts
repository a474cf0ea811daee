import type { Document } from "./office.ts";
import { EICAR_MD5 } from "./canary.ts";
import { RealClamd } from "./clamd.ts";

const TEST_DATABASE = new URL("../../../../../shared/data/clamav-fctest/", import.meta.url);
const FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/** What goes round in the demo: the vendor's test database with a real scanner, or a plain list. */
export interface Signatures {
  /** What is missing for a real scanner; empty when nothing is. */
  readonly missing: readonly string[];
  /** `capabilities.scanner` of a machine's grant. */
  scanner(machine: string): Promise<string>;
  /** Begins with what finds no canary. */
  start(machine: string): Promise<void>;
  finds(machine: string): Promise<boolean>;
  /** The new ones, as an order publishes them. */
  readonly news: { readonly input: unknown; readonly documents: readonly Document[] };
  /** What a poisoner offers instead. */
  readonly poison: { readonly version: number; readonly document: Document };
}

/** Finds a program of ClamAV. */
async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const info = await Deno.stat(`${folder}/${name}`).catch(() => undefined);
    if (info?.isFile) return `${folder}/${name}`;
  }
  return undefined;
}

/** What is missing here for a demo with the real scanner. */
export async function missingForReal(): Promise<string[]> {
  const programs = ["clamd", "clamscan", "freshclam", "sigtool"];
  const found = await Promise.all(programs.map(findProgram));
  const missing = programs.filter((_, i) => found[i] === undefined);
  const data = await Deno.stat(TEST_DATABASE).catch(() => undefined);
  return data ? missing : [...missing, "the vendor's test database"];
}

/** ClamAV's own test database in its versions 1 and 6, and one clamd for each machine. */
export async function realSignatures(
  dir: string,
  stack: AsyncDisposableStack,
): Promise<Signatures> {
  const clamd = await findProgram("clamd");
  const daemons = new Map<string, RealClamd>();
  const read = (name: string) => Deno.readFileSync(new URL(name, TEST_DATABASE));
  const increments = [2, 3, 4, 5, 6].map((version) => `test-${version}.cdiff`);
  const poisoned = read("test-6.cvd");
  // The header says version 9; the vendor signed something else.
  poisoned.set(
    new TextEncoder().encode(":9:"),
    new TextDecoder("latin1").decode(poisoned).indexOf(":6:"),
  );
  return {
    missing: [],
    async scanner(machine) {
      const daemon = stack.use(await RealClamd.prepare(clamd!, `${dir}/${machine}`));
      daemons.set(machine, daemon);
      return `{ folder: ${dir}/${machine}, clamd: "${daemon.address}" }`;
    },
    async start(machine) {
      const folder = `${dir}/${machine}`;
      await Deno.mkdir(`${folder}/generations/1`, { recursive: true });
      await Deno.writeFile(`${folder}/generations/1/test.cvd`, read("test-1.cvd"));
      await Deno.symlink("generations/1", `${folder}/current`);
      await daemons.get(machine)!.start();
    },
    finds: (machine) => daemons.get(machine)!.findsCanary(),
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

/** A plain list that the admin signed, looked into by the demo itself. */
export async function plainSignatures(
  dir: string,
  missing: readonly string[],
  sign: (statement: string) => string,
): Promise<Signatures> {
  const name = "office.hdb";
  const bytes = new TextEncoder().encode(`${EICAR_MD5}:68:Office-Canary\n`);
  const sha256 = `sha256:${hex(await crypto.subtle.digest("SHA-256", bytes))}`;
  const signature = sign(`writ-list 1\n${name}\n6\n${sha256}\n`);
  return {
    missing,
    scanner: (machine) => Promise.resolve(`{ folder: ${dir}/${machine}, untested: true }`),
    start: () => Promise.resolve(),
    finds: async (machine) => {
      const list = await Deno.readTextFile(`${dir}/${machine}/current/${name}`).catch(() => "");
      return list.includes(EICAR_MD5);
    },
    news: {
      input: { do: "publish", lists: { [name]: { version: 6, signature } } },
      documents: [{ name, bytes }],
    },
    // The same signature, another list.
    poison: {
      version: 9,
      document: { name, bytes: new TextEncoder().encode(`${"0".repeat(32)}:68:Nothing\n`) },
    },
  };
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Those of the machines that find the canary now. */
export async function findersOf(
  signatures: Signatures,
  machines: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(machines.map((machine) => signatures.finds(machine)));
  return machines.filter((_, i) => found[i]);
}

/** Bytes of the news, which each machine must get once. */
export function newsBytes({ news }: Signatures): number {
  return news.documents.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
