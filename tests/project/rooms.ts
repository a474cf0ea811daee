import type { Arrow } from "./module_graph.ts";

/** What the files of one room may import besides each other. */
interface Room {
  /** Other rooms. */
  rooms: readonly string[];
  /** npm packages; the shorter, the less there is to trust. */
  packages: readonly string[];
  /** Modules of the runtime. Default: any. */
  builtins?: readonly string[];
}

const BELOW_AGENT = ["capabilities", "peer", "sandbox", "policy", "core"];
const BELOW_CLI = ["hub", "agent", ...BELOW_AGENT, "author"];

/**
 * The rooms, from the ground up. Imports go down only; rooms side by side (peer, sandbox, policy)
 * do not know each other.
 */
const ROOMS: Readonly<Record<string, Room>> = {
  core: {
    rooms: [],
    packages: ["canonicalize", "es-module-lexer", "re2js", "semver", "valibot"],
    // Pure: nothing that reads a file, a clock or a socket.
    builtins: ["node:buffer", "node:crypto", "node:module"],
  },
  sdk: { rooms: [], packages: [], builtins: [] },
  peer: {
    rooms: ["core"],
    packages: ["hono", "multicast-dns", "structured-headers", "valibot"],
  },
  // Its text alone, which runs in a cell.
  sandbox: { rooms: ["core"], packages: ["es-module-lexer"] },
  policy: { rooms: ["core"], packages: ["valibot", "yaml"] },
  capabilities: {
    rooms: ["peer", "sandbox", "policy", "core"],
    packages: ["@rrweb/record", "devtools-protocol", "valibot"],
  },
  agent: {
    rooms: BELOW_AGENT,
    packages: [
      "@peculiar/x509",
      "@nats-io/transport-node",
      "@valibot/to-json-schema",
      "croner",
      "hono",
      "prom-client",
      "semver",
      "valibot",
    ],
  },
  hub: {
    // No cells: a hub runs no script.
    rooms: ["agent", "peer", "policy", "core"],
    packages: [
      "@nats-io/transport-node",
      "@simplewebauthn/server",
      "@valibot/to-json-schema",
      "diff",
      "hono",
      "postgres",
      "valibot",
    ],
  },
  author: {
    // What a script is lent while it is tried is what an agent lends.
    rooms: ["capabilities", "sandbox", "policy", "core"],
    packages: ["diff", "esbuild-wasm", "resolve.exports", "semver", "valibot", "yaml"],
  },
  cli: { rooms: ["demo", ...BELOW_CLI], packages: ["commander", "valibot"] },
  // Brings a printer of its own, which speaks with the codec of the script that prints.
  demo: {
    rooms: ["cli", "scripts/print", "scripts/virus-sigs", "scripts/co-browse", ...BELOW_CLI],
    packages: [],
  },
  main: { rooms: ["cli"], packages: [] },
  // Types only, which are erased: a module that is signed stands for itself.
  "scripts/print": { rooms: ["sdk"], packages: [], builtins: [] },
  "scripts/virus-sigs": { rooms: ["sdk"], packages: [], builtins: [] },
  "scripts/co-browse": { rooms: ["sdk"], packages: [], builtins: ["node:crypto"] },
};

/** Tests may look into every room; no room looks back. */
const TESTS = "tests";

/** The room a file stands in; undefined for one that stands in none. */
function roomOf(file: string): string | undefined {
  if (file === "main.ts") return "main";
  if (file.startsWith("tests/")) return TESTS;
  if (file.startsWith("runtime/cli/demo/")) return "demo";
  return /^runtime\/([^/]+)\//.exec(file)?.[1] ?? /^(scripts\/[^/]+)\//.exec(file)?.[1];
}

/** Why an import is not allowed, in words; undefined when it is. */
export function faultOf({ from, to }: Arrow): string | undefined {
  const name = roomOf(from);
  if (name === TESTS) return undefined;
  const room = name === undefined ? undefined : ROOMS[name];
  if (room === undefined) return `${from} stands in no room`;
  if (to.startsWith("npm:")) {
    if (room.packages.includes(to.slice("npm:".length))) return undefined;
    return `${from} imports ${to}, which is not among the packages of ${name}`;
  }
  if (to.startsWith("node:")) {
    if (room.builtins?.includes(to) ?? true) return undefined;
    return `${from} imports ${to}, which is not among the builtins of ${name}`;
  }
  const other = roomOf(to);
  if (other === name || (other !== undefined && room.rooms.includes(other))) return undefined;
  return `${from} imports ${to}: ${name} may not know ${other ?? "what stands in no room"}`;
}
