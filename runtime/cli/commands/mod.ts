import type { Registry } from "../cli.ts";
import { addInit } from "./init.ts";
import { addKeygen } from "./keygen.ts";
import { addPack } from "./pack.ts";
import { addPublish } from "./publish.ts";
import { addSign } from "./sign.ts";
import { addTry } from "./try.ts";

/** Every command, in the order of the help: from an author's first day to an operator's. */
export const COMMANDS: readonly ((registry: Registry) => void)[] = [
  addInit,
  addKeygen,
  addTry,
  addPack,
  addSign,
  addPublish,
];
