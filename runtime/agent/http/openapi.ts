import type { JsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { channelNameSchema } from "../../core/documents/channel.ts";
import { countSchema, digestSchema, keyIdSchema, nameSchema } from "../../core/documents/common.ts";
import { orderSchema } from "../../core/documents/order.ts";
import { payloadType } from "../../core/dsse.ts";
import { WRIT_VERSION } from "../../core/version.ts";
import { errorSchema } from "./answers.ts";
import type { CallerKind, Content, Route } from "./route.ts";

/** What stands in the parts of paths that are not fixed. */
const PATH_PARTS: Readonly<Record<string, v.GenericSchema>> = {
  digest: digestSchema,
  hex: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  publisher: nameSchema,
  name: nameSchema,
  file: v.pipe(v.string(), v.regex(/\.json$/)),
  version: countSchema(1),
  id: countSchema(1),
  list: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  index: countSchema(),
  channel: channelNameSchema,
  agent: keyIdSchema,
};

const SCHEMES: Readonly<Record<string, { callers: readonly CallerKind[]; scheme: object }>> = {
  token: {
    callers: ["operator"],
    scheme: { type: "http", scheme: "bearer", description: "The operator's token" },
  },
  signature: {
    callers: ["orderer", "peer"],
    scheme: {
      type: "apiKey",
      in: "header",
      name: "Signature",
      description: "RFC 9421, Ed25519; see docs/api.md",
    },
  },
};

/**
 * The interface as OpenAPI 3.1, made from the table of routes and the schemas that the agent works
 * with; nothing of it is written twice.
 *
 * @see OpenAPI Specification 3.1.1, "OpenAPI Object"
 */
export async function openApi(routes: readonly Route[]): Promise<Record<string, unknown>> {
  // Loaded for this alone, the first time somebody asks.
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  const schemaOf = (schema: v.GenericSchema): JsonSchema => {
    const made = toJsonSchema(schema, {
      target: "draft-2020-12",
      // What JSON Schema cannot say, such as that a date is real, is left out.
      errorMode: "ignore",
      overrideSchema: ({ valibotSchema }) =>
        valibotSchema.type === "custom" ? textOf(valibotSchema) : undefined,
    });
    delete made.$schema;
    return made;
  };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = (paths[route.path.replace(/:(\w+)/g, "{$1}")] ??= {});
    path[route.method.toLowerCase()] = operationOf(route, schemaOf);
  }
  const schemes = Object.entries(SCHEMES).map(([name, { scheme }]) => [name, scheme]);
  return {
    openapi: "3.1.1",
    info: { title: "Writ agent", version: WRIT_VERSION, license: { name: "MIT" } },
    paths,
    components: {
      schemas: { Error: schemaOf(errorSchema), Order: schemaOf(orderSchema) },
      securitySchemes: Object.fromEntries(schemes),
    },
  };
}

type SchemaOf = (schema: v.GenericSchema) => JsonSchema;

function operationOf(route: Route, schemaOf: SchemaOf): Record<string, unknown> {
  const { method, path, callers, about, query = {}, body, answers } = route;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: schemaOf(PATH_PARTS[name!] ?? v.string()),
  }));
  const inQuery = Object.entries(query)
    .map(([name, schema]) => ({ name, in: "query", schema: schemaOf(schema) }));
  const security = Object.entries(SCHEMES)
    .filter(([, scheme]) => scheme.callers.some((kind) => callers.includes(kind)))
    .map(([name]) => ({ [name]: [] }));
  const responses = Object.entries(answers)
    .map(([status, content]) => [status, { description: about, ...contentOf(content, schemaOf) }]);
  const refusal = { schema: { $ref: "#/components/schemas/Error" } };
  return {
    operationId: `${method.toLowerCase()}${
      path.replace(/^\/v1/, "").replace(/[^A-Za-z]+([A-Za-z]?)/g, upper)
    }`,
    summary: about,
    parameters: [...inPath, ...inQuery],
    ...(body && { requestBody: { required: true, ...contentOf(body, schemaOf) } }),
    responses: {
      ...Object.fromEntries(responses),
      default: { description: "A refusal", content: { "application/json": refusal } },
    },
    security: callers.includes("public") || callers.includes("local") ? [] : security,
    "x-writ-callers": callers,
  };
}

function contentOf({ type, schema }: Content, schemaOf: SchemaOf) {
  const shape = schema ? schemaOf(schema) : type === payloadType("order") ? ENVELOPE : {};
  return { content: { [type]: { schema: shape } } };
}

const ENVELOPE = {
  type: "object",
  description: "A DSSE envelope whose payload is an Order in canonical JSON, base64",
};

/** Texts of ours with a form of their own say in words what they must be. */
function textOf(schema: object): JsonSchema {
  const message = "message" in schema ? schema.message : undefined;
  return { type: "string", ...(typeof message === "string" && { description: message }) };
}

function upper(_: string, letter: string): string {
  return letter.toUpperCase();
}
