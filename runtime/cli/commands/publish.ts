import type { SignedScript } from "../../author/publish.ts";
import { LIMITS } from "../../core/limits.ts";
import { printable } from "../../core/printable.ts";
import { readUserFile } from "../arguments/files.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type AgentOptions, findAgent, withAgent } from "../reach/find_agent.ts";
import { type HubOptions, withHub } from "../reach/find_hub.ts";
import { packedFolder } from "../signing/packed_folder.ts";

interface Options extends AgentOptions, HubOptions {
  to?: string;
  toHub?: boolean;
}

/** `writ publish`: a signed script into a folder that any web server can serve, an agent or a hub. */
export function addPublish(registry: Registry): void {
  const command = registry.command(
    "publish <dir>",
    "put a packed and signed script where agents take scripts from: a folder, an agent, or the hub",
    "writ publish dist/hello-1.0.0 --to published",
  )
    .option("--to <dir>", "the folder, as any static web server can serve it (default: the agent)")
    .option("--to-hub", "the hub, whose agents then fetch it there");
  withHub(withAgent(command)).action(registry.action(runPublish));
}

async function runPublish(cli: Cli, path: string, options: Options): Promise<void> {
  const dir = await packedFolder(cli, path);
  const script = await readScript(cli, dir);
  if (options.toHub || options.hub !== undefined) {
    const { publishToHub } = await import("../reach/publish_to_hub.ts");
    return await publishToHub(cli, script, options);
  }
  if (options.to === undefined) return await publishToAgent(cli, script, options);
  const { publishTo } = await import("../../author/publish.ts");
  const published = await publishTo(cli.path(options.to), script);
  const { script: name, version, written } = published;
  cli.answer(
    { ...published, to: cli.path(options.to) },
    () =>
      written.length === 0
        ? `${cli.out.bold(`${name} ${version}`)} was published already`
        : `Published ${cli.out.bold(`${name} ${version}`)} to ${printable(options.to!)}\n` +
          written.map((path) => `  ${path}`).join("\n"),
  );
}

/** The module first, so that an agent has what a manifest names when it takes it. */
async function publishToAgent(cli: Cli, script: SignedScript, options: Options): Promise<void> {
  const [{ requireWhole }, { digestOf, hexOf }, { payloadType }] = await Promise.all([
    import("../../author/publish.ts"),
    import("../../core/digest.ts"),
    import("../../core/dsse.ts"),
  ]);
  await requireWhole(script);
  const agent = await findAgent(cli, options);
  for (const body of [script.module, ...script.sourceMap ? [script.sourceMap] : []]) {
    const path = `/v1/modules/${hexOf(digestOf(body))}`;
    await (await agent.ask(path, { method: "PUT", body })).body?.cancel();
  }
  const headers = { "content-type": payloadType("manifest") };
  const question = { method: "POST", headers, body: script.envelope };
  const response = await agent.ask("/v1/manifests", question);
  const published: { script: string; version: string; module: string } = await response.json();
  const isNew = response.status === 201;
  const name = cli.out.bold(`${published.script} ${published.version}`);
  cli.answer(
    { ...published, agent: agent.url, new: isNew },
    () => isNew ? `Published ${name} to the agent at ${agent.url}` : `${name} is there already`,
  );
}

async function readScript(cli: Cli, dir: string): Promise<SignedScript> {
  const [{ parseDocument }, { openEnvelope }] = await Promise.all([
    import("../../core/documents/parse.ts"),
    import("../../core/dsse.ts"),
  ]);
  const envelope = await readSignedManifest(cli, dir);
  const manifest = parseDocument("manifest", openEnvelope("manifest", envelope).payload);
  const name = await findModule(cli, dir, manifest.module.mediaType);
  const module = await readUserFile(cli.path(`${dir}/${name}`), name, 4 * LIMITS.MODULE_BYTES);
  const map = manifest.sourceMap && `${dir}/${name}.map`;
  const sourceMap = map && await readUserFile(cli.path(map), map, LIMITS.SOURCE_MAP_BYTES);
  return { envelope, module, ...(sourceMap && { sourceMap }) };
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
      `writ pack, then: writ sign ${dir} --key KEY.pem`,
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
