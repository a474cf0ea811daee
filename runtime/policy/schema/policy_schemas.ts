import { acceptYaml } from "../files/accept_file.ts";
import { fleetYaml } from "../files/fleet_file.ts";
import { grantYaml } from "../files/grant_file.ts";
import { type JsonSchema, schemaOf } from "../yaml/decoder.ts";

/** The files of a policy folder that editors can check. */
export const POLICY_FILES = ["fleet", "accept", "grant"] as const;
export type PolicyFileKind = (typeof POLICY_FILES)[number];

/**
 * JSON Schemas of the policy files, made of the decoders that read them: completion and squiggles
 * in editors. An editor knows less than `writ policy check`: no file but its own, and no clock.
 *
 * @see JSON Schema 2020-12, "Core"
 */
export function policySchemas(): Readonly<Record<PolicyFileKind, JsonSchema>> {
  return {
    fleet: {
      ...head("fleet", "Who we are, who may order, and the most that any grant may give"),
      ...described(schemaOf(fleetYaml({})), FLEET),
      // In local mode the files are the policy; in signed mode root and list say the rest.
      if: { properties: { mode: { const: "local" } } },
      then: { required: ["orderers"], properties: { root: false } },
      else: { required: ["root"], properties: { orderers: false } },
    },
    accept: {
      ...head("accept", "What may run: publishers, accept and deny entries, labels"),
      ...described(schemaOf(acceptYaml), ACCEPT),
      // A folder that narrows a signed list says deny and nothing else.
      anyOf: [{ required: ["publishers"] }, { required: ["deny"], maxProperties: 1 }],
      required: [],
    },
    grant: {
      ...head("grant", "What one script may touch, and who may order it"),
      ...described(schemaOf(grantYaml({})), GRANT),
    },
  };
}

/**
 * The first line of a policy file, by which editors find its schema.
 *
 * @param kind Of the file; its place in the folder follows from it.
 */
export function schemaLine(kind: PolicyFileKind): string {
  const up = kind === "grant" ? "../" : "";
  return `# yaml-language-server: $schema=${up}${schemaPath(kind)}\n`;
}

/** Where a schema lies, from the policy folder; no loader of policies looks there. */
function schemaPath(kind: PolicyFileKind): string {
  return `schema/${kind}.schema.json`;
}

function head(kind: PolicyFileKind, description: string): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `${kind} (made by writ policy schema)`,
    description,
  };
}

function described(schema: JsonSchema, words: Readonly<Record<string, string>>): JsonSchema {
  const properties = Object.entries(schema.properties as Record<string, JsonSchema>).map(
    (
      [key, value],
    ) => [key, Object.hasOwn(words, key) ? { ...value, description: words[key] } : value],
  );
  return { ...schema, properties: Object.fromEntries(properties) };
}

const FLEET: Readonly<Record<string, string>> = {
  fleet: "The fleet's name; orders for another one are refused",
  mode: "local: these files are the policy. signed: a signed list is, and these only narrow it",
  "audit-mode": "true: nothing runs here, what would have run is only recorded",
  root: "Folder of root.1.json and the lists, from this file; in mode signed",
  orderers: "Named sets of keys that may order; a grant names them",
  ceiling:
    "The most that any grant may give on this machine: permissions that are not written are " +
    "not allowed; capabilities and serve bound nothing until they are written",
  sources: "Where manifests and modules are looked for: folders from here, or http(s) addresses",
  peers: "Other agents that scripts may call from here: each with its url, or the name of a relay",
  mdns: "Present: agents of the local network are looked for, on the interface with this address",
  traffic: "Bytes a second of shared documents, up and down, all together; absent: as many as go",
  relay: "Present: this agent passes calls on for peers that nobody can reach",
  relays: "Names of peers that this agent keeps a connection to, to be reached through them",
  listen: "Address and port; by TLS unless the address is loopback. Port 0 means any",
  hosts: "Names and addresses, without port, by which others reach this agent",
  hub:
    "The hub that this agent belongs to, which facts of the machine it may know, whether agents " +
    "find each other through it (rendezvous), and whether this one is reached through it (relay)",
  retention: "How long an agent keeps what nothing needs any more, and how much in all",
  tls: "A certificate and its key; without them the agent makes its own",
};
const ACCEPT: Readonly<Record<string, string>> = {
  publishers: "Whose signature counts: keys, and how many of them must sign",
  accept: "What may run: by exact bytes (sha256), or by range from min-sequence on",
  deny: "What may not run, whatever accepts it: by key, sha256 or script, with a reason",
  labels: "Labels that orders may address, by agent id",
  expires: "Good until then, like 2026-01-31T09:00:00Z; a signed list needs it",
};
const GRANT: Readonly<Record<string, string>> = {
  script: "publisher/name",
  orders: "Orderers of fleet.yaml who may order it",
  permissions: "net, read, write, env, sys; what no wall bounds stands under unsafe, with a reason",
  serve: "Who may reach the script's own HTTP endpoint, and the bounds of a request",
  capabilities: "Services of the agent that are lent to it",
  settings: "Whatever the script itself wants to be told",
  limits: "Bounds of one run, each with its unit; runs: how many at the same time",
  life: "How long a cell may serve: one run (fresh), several (warm), or on and on (live)",
  isolation: "The lowest isolation level it may run at",
};
