import { ROOT } from "../project/project_files.ts";

/** The walks of README, by the titles of their sections. */
export const WALKS = ["You write scripts", "You own a machine", "You decide what runs"] as const;

/** The text of README. */
export function readmeText(): string {
  return Deno.readTextFileSync(`${ROOT}/README.md`);
}

/** The commands that a section of README tells its reader to type, in order. */
export function commandsOf(readme: string, title: string): string[] {
  return shellBlocks(sectionOf(readme, title)).flatMap(commandsIn);
}

/** How README makes the word `writ` known to a shell. */
export function aliasOf(readme: string): string {
  const alias = commandsOf(readme, "The first five minutes")
    .find((command) => command.startsWith("alias writ="));
  if (alias === undefined) throw new Error("README does not say what writ is short for");
  return alias;
}

/** From a heading to the next one, of whatever level. */
function sectionOf(readme: string, title: string): string {
  const lines = readme.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === title);
  if (start < 0) throw new Error(`README has no section "${title}"`);
  let fenced = false;
  const end = lines.findIndex((line, i) => {
    if (line.startsWith("```")) fenced = !fenced;
    return i > start && !fenced && /^#+ /.test(line);
  });
  return lines.slice(start + 1, end < 0 ? undefined : end).join("\n");
}

function shellBlocks(section: string): string[] {
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block!);
}

/** Lines that end in a backslash go on in the next; comments are left for the shell to skip. */
function commandsIn(block: string): string[] {
  return block.replaceAll("\\\n", " ").split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
