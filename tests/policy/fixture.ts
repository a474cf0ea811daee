import { generateSigner } from "../../runtime/core/key.ts";
import type { Mistake } from "../../runtime/policy/mod.ts";

/** A fresh public key, as text. */
export function newKey(): string {
  return generateSigner().publicKey;
}

/** A small policy that holds, by file. */
export function goodFiles(key = newKey()): Record<string, string> {
  return {
    "fleet.yaml": `fleet: office
mode: local
orderers:
  operator: { keys: ["${key}"] }
  hub: { keys: ["${key}"], threshold: 1 }
ceiling:
  permissions: { net: ["192.168.1.20"] }
  limits: { memory: 256 MB, cpu: 1 min, wall: 10 min, output: 10 MB, runs: 8 }
sources: ["https://scripts.example/", dist]
listen: 127.0.0.1:0
`,
    "accept.yaml": `publishers:
  acme: { keys: ["${key}"], threshold: 1 }
accept:
  - { script: acme/print, range: ^1.10 }
`,
    "grants/print.yaml": `script: acme/print
orders: [hub, operator]
permissions:
  net: ["192.168.1.20:631"]
limits: { memory: 128 MB, cpu: 10 s, wall: 2 min, output: 1 MB, runs: 4 }
`,
  };
}

/** Makes a policy folder that only its owner can write, gone when disposed. */
export async function policyFolder(
  files: Record<string, string | Uint8Array>,
): Promise<AsyncDisposable & { dir: string }> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "writ-policy-" }));
  await Deno.chmod(dir, 0o700);
  await Deno.mkdir(`${dir}/grants`, { mode: 0o700 });
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${dir}/${name}`, bytes, { mode: 0o600 });
  }
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

/** `code keyPath line` of each mistake, which is what tests compare. */
export function brief(mistakes: readonly Mistake[]): string[] {
  return mistakes.map((m) => `${m.code} ${m.keyPath}:${m.line}`);
}
