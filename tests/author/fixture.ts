import { TemporaryDir } from "../temporary_dir.ts";

export const MANIFEST_YAML = `publisher: acme
name: hello
version: 1.4.0
sequence: 3
runtime: ">=0.1.0 <1.0.0"
created: 2026-03-01T12:00:00Z
`;
export const MODULE = 'export default { run: (name: string) => "hello " + name };\n';

/** A folder with a script that packs. */
export function scriptFolder(
  files: Readonly<Record<string, string>> = {},
): TemporaryDir {
  const dir = new TemporaryDir();
  const all = { "manifest.yaml": MANIFEST_YAML, "mod.ts": MODULE, ...files };
  for (const [name, content] of Object.entries(all)) dir.file(name, content);
  return dir;
}

/** Whether an error has this class name and code; for `assert.rejects` and `assert.throws`. */
export function withCode(name: string, code: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof Error && error.name === name && (error as { code?: string }).code === code;
}
