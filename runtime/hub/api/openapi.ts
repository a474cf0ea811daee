import * as v from "valibot";
import { WRIT_VERSION } from "../../core/version.ts";
import type { ApiRoute } from "./route.ts";
import { API_PATH } from "./route.ts";

/**
 * The API as OpenAPI 3.1, made from the table of routes and the schemas that the hub checks by.
 *
 * @see OpenAPI Specification 3.1.1, "OpenAPI Object"
 */
export async function openApi(routes: readonly ApiRoute[]): Promise<Record<string, unknown>> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  const schemaOf = (schema: v.GenericSchema): Record<string, unknown> => {
    const { $schema: _, ...made } = toJsonSchema(schema, {
      target: "draft-2020-12",
      typeMode: "input",
      // What JSON Schema cannot say, such as that a date is real, is left out.
      errorMode: "ignore",
    });
    return made;
  };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const declared of routes) {
    const path = paths[`${API_PATH}${declared.path.replace(/:(\w+)/g, "{$1}")}`] ??= {};
    path[declared.method.toLowerCase()] = operationOf(declared, schemaOf);
  }
  return {
    openapi: "3.1.1",
    info: { title: "Writ hub", version: WRIT_VERSION, license: { name: "MIT" } },
    paths,
    security: [{ token: [] }],
    components: {
      schemas: { Error: ERROR },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

const ERROR = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" } },
    },
  },
};

function operationOf(
  declared: ApiRoute,
  schemaOf: (schema: v.GenericSchema) => Record<string, unknown>,
): Record<string, unknown> {
  const { method, path, scope, also, about, query, body, plainBody, status = 200 } = declared;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries((query && schemaOf(query).properties) ?? {})
    .map(([name, schema]) => ({ name, in: "query", schema }));
  const type = plainBody?.type ?? "application/json";
  const content = { [type]: { schema: body ? schemaOf(body) : {} } };
  const refusal = { schema: { $ref: "#/components/schemas/Error" } };
  return {
    operationId: operationId(method, path),
    summary: about,
    parameters: [...inPath, ...inQuery],
    ...((body || plainBody) && { requestBody: { required: true, content } }),
    responses: {
      [status]: { description: about },
      default: { description: "A refusal", content: { "application/json": refusal } },
    },
    "x-writ-scope": [scope, ...also ? [also] : []].join(" "),
  };
}

function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== "");
  return method.toLowerCase() + words.map((w) => w[0]!.toUpperCase() + w.slice(1)).join("");
}
