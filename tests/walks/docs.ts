/**
 * `deno task docs:demo`: plays the demo and draws what it said as docs/demo.svg.
 *
 * @module
 */
import { ROOT } from "../project/project_files.ts";
import { sameEveryTime } from "./same_every_time.ts";
import { terminalSvg } from "./terminal_svg.ts";

const LABEL =
  "A transcript of the demo: a signed order prints, what is refused and by which rule, " +
  "what an accepted script cannot do, and what is on the record.";

if (import.meta.main) {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error("The demo did not go as it should; docs/demo.svg stays");
  const lines = sameEveryTime(new TextDecoder().decode(stdout));
  const picture = `${ROOT}/docs/demo.svg`;
  Deno.writeTextFileSync(picture, terminalSvg(["$ deno task demo", "", ...lines], LABEL));
  // As every file of the project is written.
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", picture], cwd: ROOT })
    .output();
}
