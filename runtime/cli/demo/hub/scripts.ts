/** A script of the demo's publisher, as the author wrote it. */
export interface DemoScript {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  readonly description: string;
  readonly source: string;
}

const SCHEMA = `input-schema:
  type: object
  additionalProperties: false
  required: [area]
  properties:
    area:
      description: What is looked at
      enum: [disk, network, printer]
    depth:
      type: integer
      minimum: 1
      maximum: 3
      description: How closely
`;

const CHECK = (finding: string) =>
  `// Looks after one machine.
const STEPS = ["asks", "measures", "compares"];

export default {
  async run({ area, depth = 1 }, ctx) {
    ctx.log.info("looking at the " + area);
    for (const [i, step] of STEPS.entries()) {
      ctx.progress((i + 1) / STEPS.length, step);
      await new Promise((resolve) => setTimeout(resolve, 60 * depth));
    }
${finding}
  },
};
`;

/** The version that works everywhere. */
export const CHECKUP: DemoScript = {
  name: "checkup",
  version: "1.0.0",
  sequence: 1,
  description: "Looks after one part of a machine",
  source: CHECK(`    return { area, healthy: true };`),
};

/** The next one, with a mistake that shows when it runs. */
export const BROKEN_CHECKUP: DemoScript = {
  ...CHECKUP,
  version: "1.1.0",
  sequence: 2,
  source: CHECK(`    ctx.log.warn("now with limits of its own");
    if (ctx.limits.disk > 0.9) return { area, healthy: false };
    return { area, healthy: true };`),
};

/** Never ordered here: a grant that somebody should look at twice. */
export const FIRMWARE: DemoScript = {
  name: "firmware",
  version: "2.3.0",
  sequence: 7,
  description: "Writes the firmware of a label printer",
  source: `export default { run: () => "nothing to do" };\n`,
};

/** The files of a script's folder. */
export function filesOf({ name, version, sequence, description, source }: DemoScript) {
  return {
    "mod.ts": source,
    "manifest.yaml": `publisher: acme
name: ${name}
version: ${version}
sequence: ${sequence}
description: ${description}
runtime: "*"
requests: []
capabilities: []
life: fresh
idempotent: false
${name === CHECKUP.name ? SCHEMA : ""}`,
  };
}
