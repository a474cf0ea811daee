import type { ScriptFacts } from "./run_request.ts";

/** What a module's URL says of it, for who has nothing better: `script://publisher/name@version`. */
export function factsOf(scriptUrl: string): ScriptFacts {
  const found = /^script:\/\/([^/]*)\/([^@]*)(?:@(.*))?$/.exec(scriptUrl);
  const [, publisher = "", name = "", version = ""] = found ?? [];
  return { script: { publisher, name, version }, agent: { id: "" }, run: null };
}
