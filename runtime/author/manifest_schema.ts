import { NAME_PATTERN } from "../core/documents/common.ts";
import { CAPABILITY_NAMES, LIVES, PERMISSION_KINDS } from "../core/documents/grant.ts";

const NAME = { type: "string", pattern: NAME_PATTERN };
const SIZE = { type: "string", pattern: "^\\d+(\\.\\d+)? ?(B|kB|MB|GB)$" };
const TIME = { type: "string", pattern: "^\\d+(\\.\\d+)? ?(ms|s|min|h|d)$" };
const REASON = { type: "string", minLength: 1, maxLength: 500 };

function object(
  required: readonly string[],
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { type: "object", additionalProperties: false, required, properties };
}

/**
 * What `manifest.yaml` may say, as JSON Schema: for editors, which complete and explain by it.
 * `writ pack` is stricter and has the last word.
 */
export function manifestFileSchema(): Record<string, unknown> {
  const said = (description: string, schema: object) => ({ description, ...schema });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A Writ script's manifest.yaml",
    ...object(["publisher", "name", "version", "sequence", "runtime"], {
      publisher: said("Whose keys sign it, as accept-lists call them.", NAME),
      name: said("The script's name; orders say publisher/name.", NAME),
      version: said("Semantic version, without build metadata.", { type: ["string", "number"] }),
      sequence: said("Rises with every release, whatever the version says.", {
        type: "integer",
        minimum: 1,
      }),
      runtime: said('Versions of Writ that can run it, like ">=0.1.0 <1.0.0".', { type: "string" }),
      description: said("One sentence for those who decide about it.", REASON),
      module: said("The file in this folder that is run. Default: mod.ts.", {
        type: "string",
        pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]*\\.m?[jt]s$",
      }),
      requests: said("Permissions it needs, each with a reason that an admin reads.", {
        type: "array",
        items: object(["permission", "reason"], {
          permission: { enum: PERMISSION_KINDS },
          value: said("As in a grant: host:port, an absolute path, a name.", { type: "string" }),
          reason: REASON,
        }),
      }),
      capabilities: said("Services of the agent it uses.", {
        type: "array",
        uniqueItems: true,
        items: { enum: CAPABILITY_NAMES },
      }),
      life: said("fresh: a cell for each run. warm: runs share one. live: it stays.", {
        enum: LIVES,
      }),
      limits: said("What a run needs at most; the grant decides.", {
        ...object([], { memory: SIZE, cpu: TIME, wall: TIME, output: SIZE, runs: COUNT }),
      }),
      idempotent: said("Whether running one order twice is as good as once.", { type: "boolean" }),
      retry: said("How often a run that was interrupted begins again, and after what time.", {
        ...object(["attempts", "delay"], { attempts: COUNT, delay: TIME }),
      }),
      "input-schema": said("JSON Schema 2020-12 of the input.", { type: "object" }),
      created: said("Fixed, so that others can make the very same bytes.", {
        type: "string",
        pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$",
      }),
    }),
  };
}

const COUNT = { type: "integer", minimum: 1 };
