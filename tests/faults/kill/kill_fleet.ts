import { dirname } from "node:path";
import { makeOrder, type SignedOrder } from "../../../runtime/author/mod.ts";
import { canonicalBytes } from "../../../runtime/core/canonical_json.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import type { Manifest } from "../../../runtime/core/documents/manifest.ts";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { generateSigner } from "../../../runtime/core/key.ts";
import { indexPath, manifestPath, modulePath } from "../../../runtime/core/source_layout.ts";

/** Tells the witness that it runs, then takes its time. */
const MODULE = new TextEncoder().encode(`export default {
  async run({ port, order, ms }) {
    await (await fetch("http://127.0.0.1:" + port + "/" + order)).text();
    await new Promise((resolve) => setTimeout(resolve, ms));
    return order;
  },
};`);

/** `once` must not run twice for one order, `again` may. */
export type KillScript = "once" | "again";

/** A fleet folder with two scripts that may reach nothing but the witness. */
export class KillFleet implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "writ-kill-" });
  readonly state = `${this.path}/state`;
  readonly #publisher = generateSigner();
  readonly #operator = generateSigner();
  readonly #port: number;

  /** @param port The witness's. */
  constructor(port: number) {
    this.#port = port;
    this.#write(
      "policy/fleet.yaml",
      `fleet: kill
mode: local
orderers:
  operator: { keys: ["${this.#operator.publicKey}"] }
sources: [../published]
ceiling:
  permissions: { net: ["127.0.0.1:${port}"] }
  limits: { wall: 1 min, cpu: 10 s, runs: 4 }
`,
    );
    this.#write(
      "policy/accept.yaml",
      `publishers:
  kill: { keys: ["${this.#publisher.publicKey}"] }
accept:
  - { script: kill/once, range: ^1.0.0 }
  - { script: kill/again, range: ^1.0.0 }
`,
    );
    for (const name of ["once", "again"] as const) this.#publish(name);
  }

  order(
    script: KillScript,
    agent: KeyId,
    options: { ms: number; queueKey?: string | undefined; laterMs?: number | undefined },
  ): SignedOrder {
    const { ms, queueKey, laterMs } = options;
    const now = Date.now();
    const order = crypto.randomUUID();
    return makeOrder({
      id: order,
      fleet: "kill",
      script: { name: `kill/${script}`, range: "1.0.0" },
      audience: { agents: [agent] },
      now,
      lifetimeMs: 86_400_000,
      ...(laterMs === undefined ? {} : { at: now + laterMs }),
      ...(queueKey === undefined ? {} : { queueKey }),
      input: { port: this.#port, order, ms },
    }, [this.#operator]);
  }

  #publish(name: KillScript): void {
    const sha256 = digestOf(MODULE);
    const manifest: Manifest = {
      publisher: "kill",
      name,
      version: "1.0.0",
      sequence: 1,
      module: { sha256, length: MODULE.length, mediaType: "text/javascript" },
      requests: [],
      capabilities: [],
      runtime: "*",
      life: "fresh",
      idempotent: name === "again",
      ...(name === "again" ? { retry: { attempts: 50, delayMs: 20 } } : {}),
      created: "2026-01-01T00:00:00Z",
    };
    const script = `kill/${name}` as const;
    const index = canonicalBytes({ versions: [{ version: "1.0.0", sha256 }] });
    this.#write(`published/${modulePath(sha256)}`, MODULE);
    this.#write(
      `published/${manifestPath(script, "1.0.0")}`,
      sealDocument("manifest", manifest, [this.#publisher]),
    );
    this.#write(`published/${indexPath(script)}`, index);
    this.#write(
      `policy/grants/${name}.yaml`,
      `script: ${script}
orders: [operator]
permissions: { net: ["127.0.0.1:${this.#port}"] }
limits: { wall: 30 s, cpu: 5 s, runs: 4 }
`,
    );
  }

  #write(name: string, content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.mkdirSync(dirname(`${this.path}/${name}`), { recursive: true, mode: 0o700 });
    Deno.writeFileSync(`${this.path}/${name}`, bytes, { mode: 0o600 });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
