import { digestOf } from "../../runtime/core/digest.ts";
import type { Digest, KeyId, ScriptName } from "../../runtime/core/documents/common.ts";
import { DEFAULT_LIMITS, type Grant } from "../../runtime/core/documents/grant.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import type { Order } from "../../runtime/core/documents/order.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { type ExportableSigner, generateSigner, type Signer } from "../../runtime/core/key.ts";
import { signerFromPem } from "../../runtime/core/pem.ts";
import { makePolicy, type PolicyInForce } from "../../runtime/core/policy_in_force.ts";
import type { Runner } from "../../runtime/agent/cells/runner.ts";
import type { Source } from "../../runtime/agent/sources/source.ts";
import { indexPath, manifestPath, modulePath } from "../../runtime/core/source_layout.ts";
import type { Figures, Outcome } from "../../runtime/core/outcome.ts";
import type { AttachmentSource, RunReport, RunRequest } from "../../runtime/sandbox/mod.ts";
import { PARSE_HERE } from "../core/parse_here.ts";

/** Noon of a day in 2026, the time at which the tests' documents were issued. */
export const NOON = Date.parse("2026-03-01T12:00:00Z");

export const FIGURES: Figures = { cpuMs: 1, wallMs: 2, peakBytes: 3, outputBytes: 4, level: 0 };

export function instant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A fleet with one publisher, one orderer and one accepted script. */
export class TestFleet {
  readonly publisher = generateSigner();
  readonly operator: ExportableSigner;
  readonly script: ScriptName = "acme/echo";
  readonly files = new Map<string, Uint8Array>();

  /** @param operator PEM of the orderer's key; a new one when absent. */
  constructor(operator?: string) {
    this.operator = operator === undefined ? generateSigner() : signerFromPem(operator);
  }

  policy(change: Partial<Omit<PolicyInForce, "digest">> = {}): PolicyInForce {
    return makePolicy({
      fleet: "test",
      orderers: new Map([["operator", { keys: [this.operator.publicKey], threshold: 1 }]]),
      publishers: new Map([
        ["acme", { keys: [{ key: this.publisher.publicKey, state: "active" }], threshold: 1 }],
      ]),
      accept: [{ script: this.script, range: "*" }],
      deny: [],
      grants: new Map([[this.script, this.grant()]]),
      labels: new Map(),
      ceiling: { permissions: {}, limits: { ...DEFAULT_LIMITS, runs: 1000 } },
      ...change,
    });
  }

  grant(change: Partial<Grant> = {}): Grant {
    return {
      script: this.script,
      orders: ["operator"],
      permissions: {},
      limits: { ...DEFAULT_LIMITS, runs: 100 },
      ...change,
    };
  }

  /** Publishes a version into {@linkcode files}, laid out as every source is. */
  publish(
    version: string,
    change: Partial<Manifest> = {},
    javascript = `export default { run: (input) => input }; // ${version}`,
  ): { manifest: Manifest; envelope: Uint8Array; module: Uint8Array; digest: Digest } {
    const module = new TextEncoder().encode(javascript);
    const digest = digestOf(module);
    const [publisher, name] = this.script.split("/") as [string, string];
    const manifest: Manifest = {
      publisher,
      name,
      version,
      sequence: 1,
      module: { sha256: digest, length: module.length, mediaType: "text/javascript" },
      requests: [],
      capabilities: [],
      runtime: "*",
      life: "fresh",
      idempotent: false,
      created: instant(NOON),
      ...change,
    };
    const envelope = sealDocument("manifest", manifest, [this.publisher]);
    const old = this.files.get(indexPath(this.script));
    const { versions } = old ? JSON.parse(new TextDecoder().decode(old)) : { versions: [] };
    const index = { versions: [...versions, { version, sha256: digest }] };
    this.files.set(modulePath(digest), module);
    this.files.set(manifestPath(this.script, version), envelope);
    this.files.set(indexPath(this.script), new TextEncoder().encode(JSON.stringify(index)));
    return { manifest, envelope, module, digest };
  }

  order(
    agent: KeyId,
    change: Partial<Order> = {},
    signer: Signer = this.operator,
  ): { order: Order; envelope: Uint8Array } {
    const order: Order = {
      id: crypto.randomUUID(),
      fleet: "test",
      script: { name: this.script, range: "*" },
      input: {},
      attachments: [],
      audience: { agents: [agent] },
      issued: instant(NOON),
      expires: instant(NOON + 3_600_000),
      ...change,
    };
    return { order, envelope: sealDocument("order", order, [signer]) };
  }

  /** What was published, as a source in memory. */
  source(): Source {
    return { name: "memory", read: (path) => Promise.resolve(this.files.get(path)?.slice()) };
  }
}

/** A runner under the test's hand: each run ends when the test says so, or at once with `ok`. */
export class FakeRunner implements Runner {
  readonly started: RunRequest[] = [];
  readonly grants: Parameters<Runner["run"]>[0][] = [];
  closed = false;
  /** Whether it parses modules as a cell would; otherwise `answer` is asked for that, too. */
  parses = true;
  /** Answers a run; by default its input comes back. */
  answer: (request: RunRequest) => Promise<Outcome> | Outcome = ({ input }) => ({
    outcome: "ok",
    result: input,
  });

  level() {
    return Promise.resolve(1 as const);
  }

  async run(grant: Parameters<Runner["run"]>[0], request: RunRequest): Promise<RunReport> {
    // The agent's own script, before any of the publishers': a fake of it would leave the types in.
    if (this.parses && request.scriptUrl === PARSER_URL) {
      return { outcome: await parsedHere(request.attachments![0]!), figures: FIGURES };
    }
    this.started.push(request);
    this.grants.push(grant);
    return { outcome: await this.answer(request), figures: FIGURES };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  /** From now on runs last until they are aborted. */
  hang(): void {
    this.answer = ({ signal }) =>
      new Promise((resolve) => {
        const end = () =>
          resolve({ outcome: "cancelled", detail: { reason: String(signal?.reason) } });
        if (signal?.aborted) end();
        signal?.addEventListener("abort", end);
      });
  }
}

/** What `parseModule()` runs. */
const PARSER_URL = "script://writ/parse-module@1.0.0";

/** What that script answers. */
async function parsedHere(module: AttachmentSource): Promise<Outcome> {
  try {
    const text = new TextDecoder().decode(await module.read(0, module.length));
    const typed = module.mediaType === "application/typescript";
    const javascript = typed ? PARSE_HERE.erase(text) : text;
    const [imports, exports] = PARSE_HERE.lex(javascript);
    return { outcome: "ok", result: { javascript, imports, exports } };
  } catch (error) {
    const { name, message } = error as Error;
    return { outcome: "script_error", detail: { name, message } };
  }
}
