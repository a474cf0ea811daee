import type { Registry } from "../cli.ts";
import { addAgent } from "./agent.ts";
import { addAudit } from "./audit.ts";
import { addBackup } from "./backup.ts";
import { addCompletion } from "./completion.ts";
import { addDiff } from "./diff.ts";
import { addDoctor } from "./doctor.ts";
import { addInit } from "./init.ts";
import { addKey } from "./key.ts";
import { addKeygen } from "./keygen.ts";
import { addNew } from "./new.ts";
import { addOrder } from "./order.ts";
import { addPack } from "./pack.ts";
import { addPolicy } from "./policy/mod.ts";
import { addPublish } from "./publish.ts";
import { addRestore } from "./restore.ts";
import { addRoot } from "./root.ts";
import { addRuns } from "./runs.ts";
import { addSign } from "./sign.ts";
import { addTest } from "./test.ts";
import { addTry } from "./try.ts";
import { addVerify } from "./verify.ts";
import { addWhy } from "./why.ts";

/** Every command, in the order of the help: from an author's first day to an operator's. */
export const COMMANDS: readonly ((registry: Registry) => void)[] = [
  addInit,
  addKeygen,
  addNew,
  addTry,
  addTest,
  addPack,
  addSign,
  addPublish,
  addDiff,
  addVerify,
  addPolicy,
  addKey,
  addRoot,
  addAgent,
  addOrder,
  addRuns,
  addWhy,
  addAudit,
  addBackup,
  addRestore,
  addDoctor,
  addCompletion,
];
