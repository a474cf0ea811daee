import { exists } from "../../author/path_kind.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { commandText, isCommand } from "./command.ts";
import { PLACES } from "./places.ts";
import { copyProgram, copyTree, makeFolder, run } from "./program.ts";
import { unitText, usersText } from "./unit.ts";

/** What is installed, and where. */
export interface InstallOptions {
  /** Stands before every path: another machine's file system. Empty for this machine. */
  readonly root: string;
  readonly user: string;
  readonly graceSeconds: number;
  /** Where the policy comes from. */
  readonly fleet: Fleet;
}

/** One thing that was done, for the reader. */
export type Done = readonly [path: string, what: string];

/**
 * Installs the agent as a service. What an admin may have changed, the policy, is never replaced.
 * Private keys stay where they are.
 *
 * @returns what was done, in its order.
 * @throws {CliError} refused – the copied program does not start; the unit is not written then
 */
export async function install(options: InstallOptions): Promise<Done[]> {
  const { root, user, fleet, graceSeconds } = options;
  const at = (path: string) => `${root}${path}`;
  const done: Done[] = [];
  await copyProgram(at(PLACES.program));
  done.push([at(PLACES.program), `Writ, its packages and Deno ${Deno.version.deno} of its own`]);
  const command = at(PLACES.command);
  if (await exists(command) && !await isCommand(command)) {
    done.push([command, "was there, is another program, and stays as it is"]);
  } else {
    await writeText(command, commandText(PLACES), 0o755);
    done.push([command, "the command line: writ"]);
  }
  for (const part of ["policy", "published"]) {
    const [from, to] = [`${fleet.dir}/${part}`, at(`${PLACES.fleet}/${part}`)];
    if (await exists(to)) done.push([to, "was there and stays as it is"]);
    else if (await exists(from)) {
      await copyTree(from, to);
      done.push([to, `a copy of ${from}: edit this one from now on`]);
    }
  }
  await writeText(at(PLACES.users), usersText(user, PLACES));
  done.push([at(PLACES.users), `the user ${user}, which owns nothing but ${PLACES.state}`]);
  await writeText(at(PLACES.unit), unitText({ places: PLACES, user, graceSeconds }));
  done.push([at(PLACES.unit), "the unit"]);
  if (root === "") {
    await tell("systemd-sysusers", [PLACES.users], done);
    await tell("systemctl", ["daemon-reload"], done);
  }
  return done;
}

/**
 * Takes the service away again; policy and state stay, for they cannot be made anew.
 *
 * @param root Stands before every path; empty for this machine.
 */
export async function uninstall(root: string): Promise<Done[]> {
  const done: Done[] = [];
  if (root === "") await tell("systemctl", ["disable", "--now", "writ.service"], done);
  const programs = PLACES.program.slice(0, PLACES.program.lastIndexOf("/"));
  const command = await isCommand(`${root}${PLACES.command}`) ? [PLACES.command] : [];
  for (const path of [PLACES.unit, PLACES.users, ...command, programs]) {
    if (!await exists(`${root}${path}`)) continue;
    await Deno.remove(`${root}${path}`, { recursive: true });
    done.push([`${root}${path}`, "removed"]);
  }
  if (root === "") await tell("systemctl", ["daemon-reload"], done);
  for (const path of [PLACES.fleet, PLACES.state]) {
    if (await exists(`${root}${path}`)) done.push([`${root}${path}`, "left as it is"]);
  }
  return done;
}

/** A command of systemd's, where systemd runs; what it answered is told, not judged. */
async function tell(program: string, args: readonly string[], done: Done[]): Promise<void> {
  const { success, stderr } = await run(program, args);
  done.push([`${program} ${args.join(" ")}`, success ? "done" : `failed: ${stderr}`]);
}

async function writeText(path: string, text: string, mode = 0o644): Promise<void> {
  await makeFolder(path.slice(0, path.lastIndexOf("/")));
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
}
