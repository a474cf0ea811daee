import { LIMITS } from "../../core/limits.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { readUserFile } from "./files.ts";

/** What `--input` gave: the value, the text it was written in and what that is called. */
export interface ReadInput {
  readonly value: unknown;
  readonly json?: { readonly text: string; readonly name: string };
}

/**
 * Reads `--input`: JSON, `@file` with JSON, or `-` for standard input.
 *
 * @param text As the user wrote it; absent means `null`.
 * @returns The value, as an order would carry it.
 * @throws {CliError} usage – when it is not JSON, or JSON that no order can carry
 * @throws {CliError} no_such_file, file – when the file cannot be read
 */
export async function readInput(cli: Cli, text: string | undefined): Promise<unknown> {
  return (await readInputText(cli, text)).value;
}

/** As {@linkcode readInput}, with the text, so that places in it can be told. */
export async function readInputText(cli: Cli, text: string | undefined): Promise<ReadInput> {
  if (text === undefined) return { value: null };
  const json = await textOf(cli, text);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new CliError(
      "usage",
      `Cannot use --input as it is not JSON: ${(cause as Error).message}`,
      `quote it for the shell, as in --input '{"copies": 2}', or give a file: --input @input.json`,
      { cause },
    );
  }
  const { canonicalBytes, parseCanonical } = await import("../../core/canonical_json.ts");
  try {
    const name = text.startsWith("@") ? text.slice(1) : "--input";
    return { value: parseCanonical(canonicalBytes(value)), json: { text: json, name } };
  } catch (cause) {
    const message = `Cannot use --input as no order can carry it: ${(cause as Error).message}`;
    throw new CliError("usage", message, undefined, { cause });
  }
}

async function textOf(cli: Cli, text: string): Promise<string> {
  let bytes: Uint8Array;
  if (text === "-") bytes = await cli.io.stdin.bytes(LIMITS.ORDER_BYTES);
  else if (text.startsWith("@")) {
    bytes = await readUserFile(cli.path(text.slice(1)), text.slice(1), LIMITS.ORDER_BYTES);
  } else {
    if (text.length > LIMITS.ORDER_BYTES) {
      throw new CliError(
        "usage",
        `Cannot use --input as it is too long: ${text.length} characters`,
      );
    }
    return text;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CliError("usage", "Cannot use --input as it is not UTF-8", undefined, { cause });
  }
}
