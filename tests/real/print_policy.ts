import { packScript, publishTo, signDocument, writeNewKey } from "../../runtime/author/mod.ts";
import { acceptInYaml } from "../../runtime/policy/mod.ts";

const PRINT_SCRIPT = new URL("../../scripts/print", import.meta.url).pathname;

/** Packs, signs, publishes and accepts `acme/print` in the folder of a fleet. */
export async function acceptPrint(dir: string): Promise<void> {
  const { publicKey, signer } = await writeNewKey(`${dir}/keys/acme.pem`);
  const packed = await packScript(PRINT_SCRIPT);
  const { envelope } = signDocument(packed.payload, [signer], "manifest.json");
  await publishTo(`${dir}/published`, { ...packed, envelope });
  await editPolicy(dir, "accept.yaml", (text) => {
    const entry = { script: "acme/print", range: "^1.0.0" } as const;
    return acceptInYaml(text, "accept.yaml", { entry, keys: [publicKey] }).text;
  });
}

/** Writes the grant of `acme/print`. */
export async function grantPrint(dir: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${dir}/policy/grants/print.yaml`, text, { mode: 0o644 });
}

/** Changes a file of the policy. */
export async function editPolicy(
  dir: string,
  name: string,
  change: (text: string) => string,
): Promise<void> {
  const path = `${dir}/policy/${name}`;
  await Deno.writeTextFile(path, change(await Deno.readTextFile(path)));
}
