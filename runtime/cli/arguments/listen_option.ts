import { CliError } from "../errors.ts";

/**
 * Reads `--listen`.
 *
 * @throws {CliError} usage – it is no address and port
 */
export function listenFrom(text: string): { hostname: string; port: number } {
  const match = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match && port <= 65_535) return { hostname: match[1]!.replace(/^\[|\]$/g, ""), port };
  throw new CliError(
    "usage",
    `Cannot listen on "${text}" as it is no address and port`,
    "write it like 127.0.0.1:8799",
  );
}
