import * as v from "valibot";
import { digestSchema, type ScriptName } from "../core/documents/common.ts";
import type { ScannerSettings } from "../core/documents/scanner.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import { type Capability, type Method, readParams } from "./capability.ts";
import { DATABASE, LIST, Scanner, type ScannerParts } from "./scanner/scanner.ts";

export type { ScannerParts } from "./scanner/scanner.ts";

const nameSchema = v.pipe(
  v.string(),
  v.check((name) => DATABASE.test(name) || LIST.test(name), "must be a database or a list"),
);
const fileSchema = v.strictObject({ name: nameSchema, sha256: digestSchema });
const installSchema = v.strictObject({
  files: v.pipe(
    v.array(fileSchema),
    v.minLength(1),
    v.maxLength(64),
    v.check((files) => new Set(files.map(({ name }) => name)).size === files.length, "name twice"),
  ),
});

/**
 * The virus scanner of this machine, for the script that keeps its databases fresh. The script says
 * which of its blobs to use; where they go, what runs and with which arguments is fixed here.
 */
export function scannerCapability(
  parts: ScannerParts,
  script: ScriptName,
  settings: ScannerSettings,
): Capability {
  const scanner = new Scanner(parts, script, settings);
  return {
    name: "scanner",
    shown: {},
    methods: new Map<string, Method>([
      ["scanner.status", async () => ({ value: await scanner.status() })],
      ["scanner.verify", async ({ params, signal }) => {
        const file = readParams(fileSchema, params);
        if (!DATABASE.test(file.name)) {
          throw new CapabilityError("invalid", "Cannot verify a list, as no vendor signed it");
        }
        return { value: await scanner.inTurn(() => scanner.verify(file, signal)) };
      }],
      ["scanner.install", async ({ params, signal }) => {
        const { files } = readParams(installSchema, params);
        return { value: await scanner.inTurn(() => scanner.install(files, signal)) };
      }],
      ["scanner.rollback", async ({ signal }) => {
        return { value: await scanner.inTurn(() => scanner.rollback(signal)) };
      }],
    ]),
  };
}
