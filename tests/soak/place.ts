import { dirname } from "node:path";
import { canonicalBytes } from "../../runtime/core/canonical_json.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import type { KeyId, ScriptName } from "../../runtime/core/documents/common.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { makeOrder, type SignedOrder } from "../../runtime/author/mod.ts";
import { indexPath, manifestPath, modulePath } from "../../runtime/core/source_layout.ts";
import type { Attachment } from "../../runtime/core/documents/order.ts";
import { formatSize, formatTime } from "../../runtime/policy/mod.ts";
import type { SoakScript } from "./script.ts";

const FLEET = "soak";

/** A fleet folder with everything that the mix needs, as an admin would have made it. */
export class SoakPlace implements AsyncDisposable {
  readonly dir: string;
  readonly #publisher = generateSigner();
  readonly #operator = generateSigner();

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(mix: readonly SoakScript[]): Promise<SoakPlace> {
    const place = new SoakPlace(await Deno.makeTempDir({ prefix: "writ-soak-" }));
    await place.#writePolicy(mix);
    for (const script of mix) await place.#publish(script);
    await Deno.mkdir(place.temporary);
    return place;
  }

  get state(): string {
    return `${this.dir}/state`;
  }

  /** What the agent takes for the folder of temporary files. */
  get temporary(): string {
    return `${this.dir}/tmp`;
  }

  /** An order of a script, as often as one likes. */
  order(
    script: SoakScript,
    agent: KeyId,
    input: unknown,
    attachments: readonly Attachment[],
  ): SignedOrder {
    const now = Date.now();
    return makeOrder({
      fleet: FLEET,
      script: { name: nameOf(script), range: "1.0.0" },
      audience: { agents: [agent] },
      now,
      // Long enough for one that is ordered while many others wait.
      lifetimeMs: 3_600_000,
      ...(script.laterMs === undefined ? {} : { at: now + script.laterMs }),
      input,
      attachments,
    }, [this.#operator]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }

  async #publish(entry: SoakScript): Promise<void> {
    const module = new TextEncoder().encode(entry.source);
    const [version, sha256] = ["1.0.0", digestOf(module)];
    const manifest: Manifest = {
      publisher: "soak",
      name: entry.name,
      version,
      sequence: 1,
      module: { sha256, length: module.length, mediaType: entry.mediaType },
      requests: [],
      capabilities: [],
      runtime: "*",
      life: "fresh",
      idempotent: false,
      created: "2026-01-01T00:00:00Z",
    };
    // Not by publishTo(), which reads the module and would not survive every one of the mix.
    const script = nameOf(entry);
    const files: [string, Uint8Array][] = [
      [modulePath(sha256), module],
      [manifestPath(script, version), sealDocument("manifest", manifest, [this.#publisher])],
      [indexPath(script), canonicalBytes({ versions: [{ version, sha256 }] })],
    ];
    for (const [path, bytes] of files) {
      const file = `${this.dir}/published/${path}`;
      await Deno.mkdir(dirname(file), { recursive: true });
      await Deno.writeFile(file, bytes);
    }
  }

  async #writePolicy(mix: readonly SoakScript[]): Promise<void> {
    const write = async (name: string, text: string) => {
      await Deno.writeTextFile(`${this.dir}/policy/${name}`, text, { mode: 0o600 });
    };
    await Deno.mkdir(`${this.dir}/policy/grants`, { recursive: true, mode: 0o700 });
    await write(
      "fleet.yaml",
      `fleet: ${FLEET}
mode: local
orderers:
  operator: { keys: ["${this.#operator.publicKey}"] }
sources: [../published]
ceiling:
  limits: { memory: 2 GB, cpu: 1 min, wall: 10 min, output: 10 MB, runs: 8 }
`,
    );
    const accepted = mix.filter(({ unlisted }) => !unlisted).map(nameOf);
    await write(
      "accept.yaml",
      `publishers:
  soak: { keys: ["${this.#publisher.publicKey}"] }
accept:
${accepted.map((name) => `  - { script: ${name}, range: ^1.0.0 }`).join("\n")}
`,
    );
    for (const script of mix) {
      const { memoryBytes, cpuMs, wallMs, outputBytes } = script.limits;
      await write(
        `grants/${script.name}.yaml`,
        `script: ${nameOf(script)}
orders: [operator]
limits:
  memory: ${formatSize(memoryBytes)}
  cpu: ${formatTime(cpuMs)}
  wall: ${formatTime(wallMs)}
  output: ${formatSize(outputBytes)}
  runs: 4
`,
      );
    }
  }
}

function nameOf({ name }: SoakScript): ScriptName {
  return `soak/${name}`;
}
