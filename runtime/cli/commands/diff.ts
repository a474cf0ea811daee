import type { ChangeEffect, ManifestChange } from "../../author/diff/manifest_changes.ts";
import type { FileChange } from "../../author/diff/source_changes.ts";
import { printable } from "../../core/printable.ts";
import type { Cli, Registry } from "../cli.ts";
import { type FleetOptions, withFleet } from "../fleet/fleet.ts";

interface Options extends FleetOptions {
  source?: boolean;
}

/** `writ diff`: what a new version of a script asks for and does otherwise. */
export function addDiff(registry: Registry): void {
  const command = registry.command(
    "diff <before> <after>",
    "show what changes between two versions of a script, as an admin will see it",
    "writ diff example/hello@1.0.0 scripts/hello",
  )
    .option("--source", "compare the files that the publisher says a bundled module is made of");
  withFleet(command).action(registry.action(runDiff));
}

async function runDiff(cli: Cli, before: string, after: string, options: Options): Promise<void> {
  const [{ findRelease }, { manifestChanges }, { moduleChanges, sourceChanges }] = await Promise
    .all([
      import("../fleet/find_release.ts"),
      import("../../author/diff/manifest_changes.ts"),
      import("../../author/diff/source_changes.ts"),
    ]);
  const releases = [
    await findRelease(cli, before, options),
    await findRelease(cli, after, options),
  ] as const;
  const changes = manifestChanges(releases[0].manifest, releases[1].manifest);
  const files = await (options.source ? sourceChanges : moduleChanges)(...releases);
  const [was, is] = releases.map(({ manifest: { module } }) => ({
    sha256: module.sha256,
    length: module.length,
  }));
  const bundled = releases.some(({ manifest }) => manifest.sourceMap !== undefined);
  cli.answer(
    { same: changes.length + files.length === 0, before: was, after: is, changes, files },
    () =>
      [
        ...changes.map((change) => changeLine(cli, change)),
        ...files.flatMap((file) => fileLines(cli, file)),
      ]
        .join("\n") || "Nothing differs",
  );
  if (bundled && files.length > 0) {
    const words = options.source
      ? "what ran is the module; nothing proves that its source map tells the truth"
      : "to compare the author's own files: writ diff --source";
    cli.note(`${cli.err.cyan("hint:")} ${words}`);
  }
}

const MARKS: Readonly<Record<ChangeEffect, string>> = {
  more: "+",
  less: "-",
  other: "~",
  wrong: "!",
};

function changeLine(cli: Cli, { about, words, effect }: ManifestChange): string {
  const paint = {
    more: cli.out.yellow,
    less: cli.out.green,
    other: cli.out.cyan,
    wrong: cli.out.red,
  };
  return paint[effect](`${MARKS[effect]} ${about.padEnd(13)} ${printable(words)}`);
}

function fileLines(cli: Cli, { file, hunks, rewritten }: FileChange): string[] {
  const { bold, cyan, green, red } = cli.out;
  const lines = [bold(`--- ${printable(file)}`), bold(`+++ ${printable(file)}`)];
  if (rewritten) lines.push("all of it is another text");
  for (const { oldStart, newStart, lines: changed } of hunks) {
    lines.push(cyan(`@@ -${oldStart} +${newStart} @@`));
    for (const line of changed) {
      const shown = printable(line);
      lines.push(line.startsWith("+") ? green(shown) : line.startsWith("-") ? red(shown) : shown);
    }
  }
  return lines;
}
