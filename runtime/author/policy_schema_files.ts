import { POLICY_FILES, policySchemas } from "../policy/mod.ts";
import { writeAtomically } from "./atomic_file.ts";

/** The JSON Schemas of the policy files, as texts by the names of their files. */
export function policySchemaTexts(): Record<string, string> {
  const schemas = policySchemas();
  return Object.fromEntries(
    POLICY_FILES.map((kind) => [
      `${kind}.schema.json`,
      JSON.stringify(schemas[kind], null, 2) + "\n",
    ]),
  );
}

/**
 * Writes the schemas into a folder, over those of another version.
 *
 * @returns The paths.
 */
export async function writePolicySchemas(dir: string): Promise<string[]> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o755 });
  const wrote: string[] = [];
  for (const [name, text] of Object.entries(policySchemaTexts())) {
    await writeAtomically(`${dir}/${name}`, text);
    wrote.push(`${dir}/${name}`);
  }
  return wrote;
}
