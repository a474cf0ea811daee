import { LIMITS } from "../../core/limits.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { readUserFile } from "../files.ts";
import { printable } from "../printable.ts";

/** `writ publish`: a signed script into a folder that any web server can serve. */
export function addPublish(registry: Registry): void {
  registry.command(
    "publish <dir>",
    "put a packed and signed script into a folder that agents take scripts from",
    "writ publish dist/hello-1.0.0 --to published",
  )
    .requiredOption("--to <dir>", "the folder, as any static web server can serve it")
    .action(registry.action(runPublish));
}

async function runPublish(cli: Cli, dir: string, options: { to: string }): Promise<void> {
  const [{ publishTo }, { parseDocument }, { openEnvelope }] = await Promise.all([
    import("../../author/publish.ts"),
    import("../../core/documents/parse.ts"),
    import("../../core/dsse.ts"),
  ]);
  const envelope = await readSignedManifest(cli, dir);
  const manifest = parseDocument("manifest", openEnvelope("manifest", envelope).payload);
  const name = await findModule(cli, dir, manifest.module.mediaType);
  const module = await readUserFile(cli.path(`${dir}/${name}`), name, 4 * LIMITS.MODULE_BYTES);
  const map = manifest.sourceMap && `${dir}/${name}.map`;
  const sourceMap = map && await readUserFile(cli.path(map), map, LIMITS.SOURCE_MAP_BYTES);
  const published = await publishTo(cli.path(options.to), {
    envelope,
    module,
    ...(sourceMap && { sourceMap }),
  });
  const { script, version, written } = published;
  cli.answer(
    { ...published, to: cli.path(options.to) },
    () =>
      written.length === 0
        ? `${cli.out.bold(`${script} ${version}`)} was published already`
        : `Published ${cli.out.bold(`${script} ${version}`)} to ${printable(options.to)}\n` +
          written.map((path) => `  ${path}`).join("\n"),
  );
}

async function readSignedManifest(cli: Cli, dir: string): Promise<Uint8Array> {
  const name = `${dir}/manifest.signed.json`;
  try {
    return await readUserFile(cli.path(name), name, LIMITS.MANIFEST_BYTES);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "no_such_file") throw error;
    throw new CliError(
      "no_such_file",
      `Cannot publish "${dir}" as it holds no manifest.signed.json`,
      `writ pack, then: writ sign ${dir}/manifest.json --key KEY.pem`,
    );
  }
}

/** The one module in the folder that can be of this type. */
async function findModule(cli: Cli, dir: string, mediaType: string): Promise<string> {
  const extension = mediaType === "text/javascript" ? /\.m?js$/ : /\.m?ts$/;
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(cli.path(dir))) {
    if (isFile && extension.test(name)) names.push(name);
  }
  if (names.length === 1) return names[0]!;
  throw new CliError(
    "no_such_file",
    `Cannot publish "${dir}" as it does not hold exactly one module: ${names.join(", ") || "none"}`,
    "give the folder that writ pack made",
  );
}
