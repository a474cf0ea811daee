import { AgentError } from "../errors.ts";
import { DirectorySource } from "./directory_source.ts";
import { HttpSource } from "./http_source.ts";
import type { Source } from "./source.ts";

/**
 * A source by its address: `http:` and `https:` are servers, anything without a scheme is a folder.
 *
 * @throws {AgentError} policy – the address is neither.
 */
export function openSource(address: string): Source {
  if (/^https?:\/\//.test(address) && URL.canParse(address)) return new HttpSource(address);
  if (address !== "" && !/^[a-z][a-z0-9+.-]+:/i.test(address)) return new DirectorySource(address);
  throw new AgentError(
    "policy",
    `Cannot use "${address}" as source: not http:, https: or the path of a folder`,
  );
}
