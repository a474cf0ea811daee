import { ScannerPrograms } from "../../../capabilities/scanner/programs.ts";
import type { Document } from "./desk_agent.ts";

/** What goes round in the demo: a database of the vendor's, or a plain list. */
export interface Signatures {
  /** In words. */
  readonly about: string;
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

const programs = new ScannerPrograms(() => Promise.resolve(undefined));

/** The programs of ClamAV that a demo with the real scanner lacks here. */
export async function missingPrograms(): Promise<string[]> {
  const names = ["clamd", "clamscan", "freshclam", "sigtool"];
  const found = await Promise.all(names.map((name) => programs.find(name)));
  return names.filter((_, i) => found[i] === undefined);
}

/** Where clamd is, for who has looked that nothing is missing. */
export async function clamdHere(): Promise<string> {
  return (await programs.find("clamd"))!;
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
