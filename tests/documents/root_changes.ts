import type { Root } from "../../runtime/core/documents/root.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import type { SignedFolder } from "../agent/signed_folder.ts";
import { roleOf } from "../core/fixtures.ts";
import type { Change } from "./scenario.ts";

const SPARE = Array.from({ length: 16 }, generateSigner);

/** Key 0 is the folder's first root key; the others belong to nobody until a root lists them. */
function keysOf(folder: SignedFolder, digits: string): Signer[] {
  const all = [folder.rootKey, ...SPARE];
  return Array.from(digits, (digit) => all[parseInt(digit, 16)]!);
}

/** A root written as `keys/threshold by signers`, each key a hexadecimal digit. */
export type Rotation = `${string}/${number} by ${string}`;

/** Puts a root into the folder. */
export function rotate(
  folder: SignedFolder,
  version: number,
  rotation: Rotation,
  change: Partial<Root> = {},
): void {
  const [, keys, threshold, signers] = /^(\w+)\/(\d+) by (\w+)$/.exec(rotation)!;
  const roles = {
    root: roleOf(keysOf(folder, keys!), Number(threshold)),
    accept: roleOf([folder.acceptKey]),
  };
  folder.root(version, { roles, ...change }, keysOf(folder, signers!));
}

/** Roots from version 2 on, all put there before the client looks. */
export function roots(...rotations: Rotation[]): Change {
  return (folder) => rotations.forEach((rotation, i) => rotate(folder, i + 2, rotation));
}

/** One root, changed. */
export function root(version: number, rotation: Rotation, change: Partial<Root> = {}): Change {
  return (folder) => rotate(folder, version, rotation, change);
}

/** One change after another. */
export function all(...changes: Change[]): Change {
  return (folder, client) => changes.forEach((change) => change(folder, client));
}

/** So many rotations, each to another key. */
export function rotations(count: number): Change {
  return (folder) => {
    for (let i = 0; i < count; i++) {
      const [before, after] = [i % 2, (i + 1) % 2];
      rotate(folder, i + 2, `${after}/1 by ${before}${after}`);
    }
  };
}
