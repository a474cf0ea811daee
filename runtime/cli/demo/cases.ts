/** A script that the demo publishes to show what happens to it. */
export interface DemoCase {
  /** Its name behind `acme/`. */
  readonly name: string;
  /** What it does, in words that continue "A script that …". */
  readonly does: string;
  readonly source: string;
  /** What its manifest asks for, as YAML. */
  readonly requests?: string;
}

/** Would do no harm, and never gets to do anything. */
function harmless(name: string): string {
  return `export default { run: () => "${name} ran" };\n`;
}

/** Scripts that never start, each for one reason. */
export const REFUSED = {
  tampered: {
    name: "tampered",
    does: "was changed by one byte after it was signed",
    source: harmless("tampered"),
  },
  unlisted: {
    name: "unlisted",
    does: "is signed, but on no accept entry",
    source: harmless("unlisted"),
  },
  forged: {
    name: "forged",
    does: "is signed by somebody else's key",
    source: harmless("forged"),
  },
  greedy: {
    name: "greedy",
    does: "asks for more than its grant gives",
    source: harmless("greedy"),
    requests: "[{ permission: net, value: 203.0.113.7:443, reason: Sends reports home }]",
  },
} as const satisfies Record<string, DemoCase>;

/** Scripts that were accepted by mistake: their cell has to hold them. */
export const HOSTILE = {
  reader: {
    name: "reader",
    does: "reads /etc/passwd",
    source: 'export default { run: () => Deno.readTextFile("/etc/passwd") };\n',
  },
  caller: {
    name: "caller",
    does: "phones home by import()",
    source: `export default {
  async run(home: string) {
    return await import(home + "?secret=42");
  },
};
`,
  },
  glutton: {
    name: "glutton",
    does: "eats all the memory it can get",
    source: `export default {
  run() {
    const eaten = [];
    for (;;) eaten.push(new Uint8Array(4_000_000).fill(1));
  },
};
`,
  },
} as const satisfies Record<string, DemoCase>;
