import {
  makeOrder,
  packScript,
  publishTo,
  readSigner,
  type SignedOrder,
  writeNewKey,
} from "../../author/mod.ts";
import { digestOf } from "../../core/digest.ts";
import type { Attachment } from "../../core/documents/order.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { KeyId, ScriptName } from "../../core/documents/common.ts";
import { sealPayload } from "../../core/dsse.ts";
import { generateSigner, type Signer } from "../../core/key.ts";
import { modulePath } from "../../core/source_layout.ts";
import { acceptInYaml } from "../../policy/mod.ts";
import type { DemoCase } from "./cases.ts";

/** The example fleet of this repository, its keys and its printer exchanged for the demo's own. */
const EXAMPLE_POLICY = new URL("../../../policy/", import.meta.url);
const EXAMPLE_PRINTER = "192.168.1.20:631";
const PRINT_SCRIPT = new URL("../../../scripts/print", import.meta.url);

/**
 * A folder with throw-away keys, a policy and published scripts: what an author and an admin would
 * have made in their own places.
 */
export class Workshop implements AsyncDisposable {
  readonly dir: string;
  readonly #publisher: Signer;
  readonly #operator: Signer;
  readonly #stranger = generateSigner();

  private constructor(dir: string, publisher: Signer, operator: Signer) {
    this.dir = dir;
    this.#publisher = publisher;
    this.#operator = operator;
  }

  /** @param printer `host:port` that `acme/print` is granted. */
  static async open(printer: string): Promise<Workshop> {
    const dir = await Deno.makeTempDir({ prefix: "writ-demo-" });
    await Deno.mkdir(`${dir}/keys`, { mode: 0o700 });
    const publisher = await writeNewKey(`${dir}/keys/acme.pem`);
    const operator = await writeNewKey(`${dir}/keys/operator.pem`);
    const workshop = new Workshop(
      dir,
      await readSigner(publisher.privateFile),
      await readSigner(operator.privateFile),
    );
    await workshop.#writePolicy(printer, {
      acme: publisher.publicKey,
      operator: operator.publicKey,
    });
    return workshop;
  }

  get policy(): string {
    return `${this.dir}/policy`;
  }

  get state(): string {
    return `${this.dir}/state`;
  }

  /** Packs, signs and publishes `acme/print` as it lies in this repository. */
  async publishPrint(): Promise<{ manifest: Manifest; bytes: number }> {
    const packed = await packScript(PRINT_SCRIPT.pathname);
    const envelope = sealPayload("manifest", packed.payload, [this.#publisher]);
    await publishTo(this.#published, { ...packed, envelope });
    return { manifest: packed.manifest, bytes: packed.module.length };
  }

  /** Publishes a case, by the publisher's key or by a stranger's. */
  async publish(demo: DemoCase, signer: "publisher" | "stranger" = "publisher"): Promise<Manifest> {
    const folder = `${this.dir}/scripts/${demo.name}`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/mod.ts`, demo.source);
    await Deno.writeTextFile(
      `${folder}/manifest.yaml`,
      `publisher: acme\nname: ${demo.name}\nversion: 1.0.0\nsequence: 1\nruntime: "*"\n` +
        `requests: ${demo.requests ?? "[]"}\ncapabilities: []\nlife: fresh\nidempotent: false\n`,
    );
    const packed = await packScript(folder);
    const by = signer === "publisher" ? this.#publisher : this.#stranger;
    const envelope = sealPayload("manifest", packed.payload, [by]);
    await publishTo(this.#published, { envelope, module: packed.module });
    return packed.manifest;
  }

  /** What an admin does who trusts a script: an accept entry. */
  async accept(script: ScriptName): Promise<void> {
    const file = `${this.policy}/accept.yaml`;
    const entry = { script, range: "^1.0.0" };
    const { text } = acceptInYaml(await Deno.readTextFile(file), file, { entry });
    await Deno.writeTextFile(file, text);
  }

  /** A grant of nothing but the right to be ordered. */
  async grant(name: string): Promise<void> {
    await Deno.writeTextFile(
      `${this.policy}/grants/${name}.yaml`,
      `script: acme/${name}\norders: [operator]\npermissions: {}\n`,
      { mode: 0o644 },
    );
  }

  /** Changes one byte of a published module, as somebody with the disk of a mirror could. */
  async tamper({ module }: Manifest): Promise<void> {
    const file = `${this.#published}/${modulePath(module.sha256)}`;
    const bytes = await Deno.readFile(file);
    bytes[bytes.length >> 1]! ^= 1;
    await Deno.writeFile(file, bytes);
  }

  order(
    script: ScriptName,
    agent: KeyId,
    input: unknown,
    attachments: readonly Attachment[] = [],
  ): SignedOrder {
    return makeOrder({
      fleet: "example-office",
      script: { name: script, range: "^1.0.0" },
      audience: { agents: [agent] },
      now: Date.now(),
      input,
      attachments,
    }, [this.#operator]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }

  get #published(): string {
    return `${this.dir}/published`;
  }

  async #writePolicy(printer: string, keys: { acme: string; operator: string }): Promise<void> {
    await Deno.mkdir(`${this.policy}/grants`, { recursive: true, mode: 0o755 });
    const read = (name: string) => Deno.readTextFile(new URL(name, EXAMPLE_POLICY));
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${this.policy}/${name}`, text, { mode: 0o644 });
    const fleet = await read("fleet.yaml");
    await write(
      "fleet.yaml",
      fleet.replace(/ed25519:[\w-]+/, keys.operator).replaceAll(EXAMPLE_PRINTER, printer),
    );
    const accept = await read("accept.yaml");
    await write("accept.yaml", accept.replace(/ed25519:[\w-]+/, keys.acme));
    const grant = await read("grants/print.yaml");
    await write("grants/print.yaml", grant.replaceAll(EXAMPLE_PRINTER, printer));
  }
}

/** What an order says of a document that is attached to it. */
export function attach(name: string, mediaType: string, bytes: Uint8Array): Attachment {
  return { name, mediaType, sha256: digestOf(bytes), length: bytes.length };
}
