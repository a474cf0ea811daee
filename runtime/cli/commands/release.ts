import type { ReleaseStatus } from "../../agent/mod.ts";
import { payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { printable } from "../../core/printable.ts";
import { readUserFile } from "../arguments/files.ts";
import { wholeNumber } from "../arguments/whole_number.ts";
import type { Cli, Registry } from "../cli.ts";
import { findFleet, type FleetOptions, withFleet } from "../fleet/fleet.ts";
import { type AgentOptions, findAgent, withAgent } from "../reach/find_agent.ts";

interface MakeOptions extends FleetOptions {
  to: string;
  number?: string;
  expires: string;
  deno?: string;
}

/** `writ release`: which program the agents are, Deno included. */
export function addRelease(registry: Registry): void {
  const group = registry.group(
    "release",
    "make a release of Writ and Deno, and have agents become it or the one before",
    "writ release status",
  );
  const make = group.command(
    "make",
    "put this Writ, its packages and a Deno into a published folder, with a release to sign",
    "writ release make --to published",
  )
    .option("--to <dir>", "the folder, as any static web server can serve it", "published")
    .option("--number <number>", "above every release before (default: the next one there)")
    .option("--expires <time>", "agents take it for this long", "90 d")
    .option("--deno <file>", "the Deno that it brings (default: the one that runs this)");
  withFleet(make).action(group.action(runMake));
  const apply = group.command(
    "apply <file>",
    "have an installed agent fetch a signed release, become it, and go back if it does not come up",
    "writ release apply published/v1/releases/release.2.signed.json",
  );
  withAgent(apply).action(group.action(runApply));
  const back = group.command(
    "back",
    "have the agent become the release before this one again",
    "writ release back",
  );
  withAgent(back).action(group.action(runBack));
  const status = group.command("status", "say which release the agent is", "writ release status");
  withAgent(status).action(group.action(runStatus));
}

async function runMake(cli: Cli, options: MakeOptions): Promise<void> {
  const [
    { makeRelease },
    { writeAtomically },
    { copyProgram, removeCompiled, run },
    version,
    time,
    roots,
    layout,
  ] = await Promise.all([
    import("../../author/make_release.ts"),
    import("../../author/atomic_file.ts"),
    import("../service/program.ts"),
    import("../../core/version.ts"),
    import("../arguments/duration.ts"),
    import("../signing/write_root.ts"),
    import("../../core/source_layout.ts"),
  ]);
  const { root: { fleet } } = await roots.newestRoot(await findFleet(cli, options));
  const published = cli.path(options.to);
  const sequence = options.number === undefined
    ? await nextNumber(`${published}/${layout.RELEASES_PATH}`)
    : wholeNumber("--number", options.number, { least: 1 });
  const deno = options.deno === undefined ? Deno.execPath() : cli.path(options.deno);
  const said = (await run(deno, ["--version"])).stdout;
  const words = {
    fleet,
    sequence,
    version: version.WRIT_VERSION,
    deno: /^deno (\S+)/.exec(said)?.[1] ?? "",
    target: Deno.build.target,
    now: cli.io.now(),
    lifetimeMs: time.parseDuration("--expires", options.expires),
  };
  const program = await Deno.makeTempDir({ prefix: "writ-release-" });
  try {
    cli.note("Copying Writ, its packages and Deno, and starting the copy once …");
    await copyProgram(program, deno);
    await removeCompiled(program);
    const { release, files, written } = await makeRelease(program, published, words);
    const file = `${published}/${layout.RELEASES_PATH}/release.${sequence}.json`;
    await writeAtomically(file, JSON.stringify(release, null, 2) + "\n");
    cli.answer(
      { file, release, files, written },
      () =>
        `Release ${sequence}: Writ ${release.version} with Deno ${release.deno} for ${words.target}
  ${files} files, ${(written / 1e6).toFixed(1)} MB new in ${printable(options.to)}
Next: writ sign ${printable(file)} --key releases.pem`,
    );
  } finally {
    await Deno.remove(program, { recursive: true });
  }
}

async function nextNumber(folder: string): Promise<number> {
  const numbers = [0];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      numbers.push(Number(/^release\.(\d{1,15})\./.exec(name)?.[1] ?? 0));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return Math.max(...numbers) + 1;
}

async function runApply(cli: Cli, file: string, options: AgentOptions): Promise<void> {
  const body = await readUserFile(cli.path(file), file, LIMITS.RELEASE_BYTES);
  const agent = await findAgent(cli, options);
  const headers = { "content-type": payloadType("release") };
  cli.note("The agent fetches what it does not have, and starts it once …");
  const taken = await agent.json<{ release: number; version: string; deno: string }>(
    "/v1/releases",
    { method: "POST", headers, body },
  );
  cli.answer(
    taken,
    () =>
      `Release ${taken.release} is taken: the agent ends its runs and becomes Writ ${taken.version} ` +
      `with Deno ${taken.deno}\nNext: writ release status`,
  );
}

async function runBack(cli: Cli, options: AgentOptions): Promise<void> {
  const agent = await findAgent(cli, options);
  const status = await agent.json<ReleaseStatus>("/v1/releases/back", { method: "POST" });
  cli.answer(
    status,
    () =>
      `The agent ends its runs and becomes ${
        status.previous === null ? "what was installed" : `release ${status.previous}`
      } again`,
  );
}

async function runStatus(cli: Cli, options: AgentOptions): Promise<void> {
  const agent = await findAgent(cli, options);
  const status = await agent.json<ReleaseStatus>("/v1/releases");
  const { running, next, failed, previous, supervised } = status;
  const lines: [string, string | undefined][] = [
    [
      "runs",
      `Writ ${status.version} with Deno ${status.deno}, ${
        running === null ? "as it was installed" : `release ${running}`
      }`,
    ],
    ["next", next === null ? undefined : `release ${next}`],
    ["before", previous === null ? undefined : `release ${previous}`],
    ["failed", failed === null ? undefined : cli.out.red(`release ${failed} did not come up`)],
    ["start", supervised ? undefined : "nothing starts it again: it cannot become another release"],
  ];
  cli.answer(status, () =>
    lines.filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${cli.out.dim(name.padEnd(7))} ${value}`).join("\n"));
}
