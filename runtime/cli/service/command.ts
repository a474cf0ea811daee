import { type ServicePlaces, TOOLS } from "./unit.ts";

/** Tells our command from one of the same name that somebody else put there. */
const MARK = "# The command line of Writ, by the Deno that was installed with it.";

/** The program `writ` of a machine where the agent is installed, for its owner. */
export function commandText({ program }: ServicePlaces): string {
  const deno = `${program}/deno`;
  return `#!/bin/sh
${MARK}
export DENO_DIR=${program}/cache DENO_NO_UPDATE_CHECK=1
exec ${deno} run --no-prompt --ignore-env --cached-only --config ${program}/deno.json \\
  --allow-read --allow-write --allow-net --allow-sys=uid,statfs \\
  --allow-run=${[...TOOLS, deno].join(",")} \\
  ${program}/main.ts "$@"
`;
}

/** Whether a file is a command that {@linkcode commandText} made, of any version. */
export async function isCommand(path: string): Promise<boolean> {
  return (await Deno.readTextFile(path).catch(() => "")).includes(MARK);
}
