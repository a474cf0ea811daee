import { digestOf } from "../../runtime/core/digest.ts";
import type { AcceptList } from "../../runtime/core/documents/acceptlist.ts";
import type { Digest } from "../../runtime/core/documents/common.ts";
import type { Root } from "../../runtime/core/documents/root.ts";
import { openEnvelope, sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import { rulesFromFolder } from "../../runtime/agent/trust/load_rules.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { instant, NOON, TestFleet } from "./fixture.ts";

const DAY = 86_400_000;

/** A policy folder in signed mode, whose roots and lists the test writes. */
export class SignedFolder implements Disposable {
  readonly fleet: TestFleet;
  readonly rootKey: Signer;
  readonly acceptKey: Signer;
  readonly #folder = new TemporaryDir();
  readonly path = `${this.#folder.path}/policy`;
  readonly #now: number;
  #prev: Digest | null = null;

  /**
   * @param now From which it is counted when roots and lists are issued and expire.
   * @param like Another folder of the same fleet; what it holds at the moment is here, too.
   */
  constructor(now = NOON, like?: SignedFolder) {
    this.#now = now;
    this.fleet = like?.fleet ?? new TestFleet();
    this.rootKey = like?.rootKey ?? generateSigner();
    this.acceptKey = like?.acceptKey ?? generateSigner();
    if (!like) this.fleet.publish("1.0.0");
    Deno.mkdirSync(`${this.path}/signed`, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(
      `${this.path}/fleet.yaml`,
      "fleet: test\nmode: signed\nroot: signed\nceiling: { limits: { runs: 1000 } }\n",
      { mode: 0o600 },
    );
    if (!like) {
      this.root(1);
      this.list(1);
    }
    for (const { name } of like ? Deno.readDirSync(`${like.path}/signed`) : []) {
      Deno.copyFileSync(`${like!.path}/signed/${name}`, `${this.path}/signed/${name}`);
    }
  }

  /** The folder of another machine, as this one is at the moment. */
  copy(): SignedFolder {
    return new SignedFolder(this.#now, this);
  }

  get rules() {
    const load = rulesFromFolder(this.path, []);
    return async (context: Parameters<typeof load>[0]) => ({
      ...await load(context),
      sources: [this.fleet.source()],
    });
  }

  root(
    version: number,
    change: Partial<Root> = {},
    signers: readonly Signer[] = [this.rootKey],
  ): Uint8Array {
    const root: Root = {
      fleet: "test",
      version,
      epoch: 1,
      issued: instant(this.#now - DAY),
      expires: instant(this.#now + 300 * DAY),
      roles: {
        root: { keys: [this.rootKey.publicKey], threshold: 1 },
        accept: { keys: [this.acceptKey.publicKey], threshold: 1 },
      },
      orderers: { operator: { keys: [this.fleet.operator.publicKey], threshold: 1 } },
      ...change,
    };
    const envelope = sealDocument("root", root, signers);
    this.put("root", version, envelope);
    return envelope;
  }

  /** Its `prev` is the list that was made before it. */
  list(
    version: number,
    change: Partial<AcceptList> = {},
    signers: readonly Signer[] = [this.acceptKey],
  ): Uint8Array {
    const { publishers, grants } = this.fleet.policy();
    const list: AcceptList = {
      fleet: "test",
      epoch: 1,
      version,
      issued: instant(this.#now - DAY),
      expires: instant(this.#now + 30 * DAY),
      prev: this.#prev,
      publishers: Object.fromEntries(publishers),
      accept: [{ script: this.fleet.script, range: "*" }],
      deny: [],
      grants: [...grants.values()],
      labels: {},
      ...change,
    };
    const envelope = sealDocument("acceptlist", list, signers);
    this.#prev = digestOf(openEnvelope("acceptlist", envelope).payload);
    this.put("acceptlist", version, envelope);
    return envelope;
  }

  remove(name: string): void {
    Deno.removeSync(`${this.path}/signed/${name}.json`);
  }

  /** Whatever the bytes are. */
  put(kind: "root" | "acceptlist", version: number, envelope: Uint8Array): void {
    Deno.writeFileSync(`${this.path}/signed/${kind}.${version}.json`, envelope);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
