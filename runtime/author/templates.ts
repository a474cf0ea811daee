import type { PublicKey } from "../core/documents/common.ts";
import { schemaLine } from "../policy/mod.ts";
import { manifestYaml } from "./manifest_template.ts";

/** The public keys that a new fleet's policy names. */
export interface FleetKeys {
  readonly operator: PublicKey;
  readonly publisher: PublicKey;
}

/** `policy/fleet.yaml` of a new fleet. */
export function fleetYaml(fleet: string, { operator }: FleetKeys): string {
  return `${
    schemaLine("fleet")
  }# Who we are, who may order, and the most that any script may ever be given here.
fleet: ${fleet}

# local: the files of this folder are the policy.
# signed: a signed accept-list is, and these files only narrow it (see Writ's docs/signed.md).
mode: local

# With this, nothing runs: what would run, and what would be refused, is only recorded.
# "writ policy pending" lists it, "writ policy approve" writes the entry that is missing.
# audit-mode: true

# Named sets of keys that may order. A grant says which of these names may order its script.
orderers:
  operator:
    keys: [${operator}]
    threshold: 1

# Where manifests and modules are looked for: folders, from here, or http(s) addresses of any
# static web server or of another agent. Nothing is trusted because of where it came from.
sources: [../published]

# Where the agent listens; port 0 takes any free one. Off loopback it serves TLS, and wants to
# know the names it answers to: hosts: [print-room.example]
listen: 127.0.0.1:8799

# What no grant on this node can exceed. What is not written here is not allowed:
# to let a script reach a printer, its address must stand here and in the script's grant.
ceiling:
  permissions:
    net: []
  limits: { memory: 256 MB, cpu: 30 s, wall: 15 min, output: 4 MB, runs: 8 }
`;
}

/** `policy/accept.yaml` of a new fleet. */
export function acceptYaml({ publisher }: FleetKeys): string {
  return `${
    schemaLine("accept")
  }# What may run. A module runs only if its publisher signed it, an entry below accepts it, no
# deny entry names it, and somebody whom its grant names ordered it.

# Publishers by name, with their keys and how many of them must sign.
# A key can be { key: ed25519:…, state: retired, max-sequence: 7 } or { key: …, state: revoked }.
publishers:
  example:
    keys: [${publisher}]
    threshold: 1

# By exact bytes:     { script: acme/print, sha256: sha256:… }
# By versions:        { script: acme/print, range: ^1.2.0, min-sequence: 5 }
accept:
  - { script: example/hello, range: ^1.0.0 }

# What may not run, whatever accepts it: { key | sha256 | script (+ range): …, reason: … }
deny: []

# Labels that orders may address, by agent id (writ-key:…); "writ agent" prints the id.
labels: {}
`;
}

/** `policy/grants/hello.yaml` of a new fleet. */
export const HELLO_GRANT = `${
  schemaLine("grant")
}# What example/hello may touch, and who may order it. One file for each script.
script: example/hello
orders: [operator]

# Nothing: greeting needs no permission. Others would look like this:
#   net: ["192.168.1.20:631"]     host:port, each one
#   read: [/srv/forms]            absolute paths
permissions: {}

limits: { memory: 64 MB, cpu: 2 s, wall: 10 s, output: 64 kB, runs: 2 }
`;

/** `scripts/hello/mod.ts` of a new fleet. */
export const HELLO_MODULE = `import type { Script } from "writ";

interface Input {
  name?: string;
}

interface Output {
  greeting: string;
  documents: { name: string; bytes: number }[];
}

/** Greets somebody and counts the documents that came along. */
export default {
  async run(input, ctx) {
    const documents = [];
    for (const document of ctx.attachments) {
      const { length } = await document.bytes();
      documents.push({ name: document.name, bytes: length });
      ctx.progress(documents.length / ctx.attachments.length, \`read \${document.name}\`);
    }
    ctx.log.info("greeting", input?.name ?? "whoever asked");
    return { greeting: \`Hello, \${input?.name ?? "world"}!\`, documents };
  },
} satisfies Script<Input | null, Output>;
`;

/** `scripts/hello/manifest.yaml` of a new fleet. */
export const HELLO_MANIFEST = manifestYaml({
  publisher: "example",
  name: "hello",
  description: "Greets somebody and counts the documents that came along",
});

/** `.gitignore` of a new fleet: what must never be committed. */
export const FLEET_GITIGNORE = `# Private keys.
/keys/
# What the agent of this machine remembers.
/state/
# What a hub that runs here remembers, its keys among it.
/hub-state/
# What "writ pack" makes.
/dist/
`;
