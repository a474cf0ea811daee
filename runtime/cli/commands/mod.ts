import type { Registry } from "../cli.ts";
import { addTry } from "./try.ts";

/** Every command, in the order of the help: from an author's first day to an operator's. */
export const COMMANDS: readonly ((registry: Registry) => void)[] = [
  addTry,
];
