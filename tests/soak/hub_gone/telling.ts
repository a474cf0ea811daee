import type { FleetFolder } from "../../cli/fleet_folder.ts";

/** What a run of the script is told to do. */
export interface TellingInput {
  /** Different for each run. */
  turn: number;
  /** How many informs it tells the hub. */
  informs: number;
}

/** How many of its informs the agent kept for the hub, and how many it had no room for. */
export interface Told {
  kept: number;
  refused: number;
}

/** The name under which it is accepted. */
export const TELLING = "example/hello";

/** The name of its informs. */
export const TICK = "tick";

const MODULE = `export default {
  async run({ turn, informs }, ctx) {
    const told = { kept: 0, refused: 0 };
    ctx.log.info("turn", turn);
    ctx.emit("turn", { turn });
    await ctx.hub.fact("turn", turn);
    for (let i = 0; i < informs; i++) {
      try {
        await ctx.hub.inform("${TICK}", { turn, i });
        told.kept++;
      } catch (error) {
        if (error.code !== "quota") throw error;
        told.refused++;
      }
    }
    return told;
  },
};
`;

const INPUT_SCHEMA = `input-schema:
  type: object
  additionalProperties: false
  properties:
    turn: { type: integer }
    informs: { type: integer, minimum: 0 }
`;

/** Puts a script that tells the hub things in the place of a new fleet's example. */
export function writeTelling(fleet: FleetFolder): void {
  const change = (file: string, pattern: RegExp, by: string) => {
    const text = fleet.read(file);
    if (!pattern.test(text)) throw new Error(`${file} has nothing like ${pattern}`);
    fleet.file(file, text.replace(pattern, by));
  };
  fleet.file("scripts/hello/mod.ts", MODULE);
  change("scripts/hello/manifest.yaml", /input-schema:[^]*/, INPUT_SCHEMA);
  change("scripts/hello/manifest.yaml", /requests: \[\]\n/, "requests: []\ncapabilities: [hub]\n");
  change("policy/grants/hello.yaml", /orders: \[operator\]/, "orders: [operator, hub]");
  change("policy/grants/hello.yaml", /permissions: \{\}/, "capabilities: { hub: {} }");
}
