/** What a manifest of a new script says of it, besides what is the same for every one. */
export interface NewManifest {
  readonly publisher: string;
  readonly name: string;
  readonly description: string;
  /** Lines for what an author may add, each with its line end. Default: none. */
  readonly extra?: {
    /** Before everything else. */
    readonly head?: string;
    /** Behind `requests`. */
    readonly capabilities?: string;
  };
}

/** `manifest.yaml` of a new script, which greets the one it is told of. */
export function manifestYaml({ publisher, name, description, extra = {} }: NewManifest): string {
  const { head = "", capabilities = "" } = extra;
  return `${head}# What the publisher says about this script. "writ pack" adds the module's hash and the date.
publisher: ${publisher}
name: ${name}
version: 1.0.0
# Rises with every release, whatever the version says.
sequence: 1
description: ${description}
# Versions of Writ that can run it.
runtime: ">=0.1.0 <1.0.0"

# What the script needs, each with a reason that an admin reads before granting it:
#   - { permission: net, value: "192.168.1.20:631", reason: Talks to the printer }
requests: []
${capabilities}
# Whether running the same order twice is as good as once.
idempotent: true
limits: { memory: 64 MB, cpu: 2 s, wall: 10 s, output: 64 kB, runs: 2 }

# JSON Schema of the input: it is checked before anything runs, and "writ order" shows it as options.
# Plain scalars are JSON here: 1 is a number, "1" is text.
input-schema:
  type: [object, "null"]
  additionalProperties: false
  properties:
    name: { type: string, minLength: 1, maxLength: 100, description: Who is greeted }
`;
}
