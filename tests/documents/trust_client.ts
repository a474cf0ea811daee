import { TrustedClock } from "../../runtime/agent/clock.ts";
import { getMeta } from "../../runtime/agent/store/meta.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { TrustStore } from "../../runtime/agent/trust/trust_store.ts";
import { updateTrust } from "../../runtime/agent/trust/update_trust.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { NOON } from "../agent/fixture.ts";
import type { SignedFolder } from "../agent/signed_folder.ts";

/** `root 2, list 3 of epoch 1`, or that there is none. */
export type Trusted = `root ${number}, list ${number} of epoch ${number}` | "nothing";

/** What an agent does to learn of new roots and lists, with a store on disk and nothing else. */
export class TrustClient implements Disposable {
  now = NOON;
  readonly #folder = new TemporaryDir();
  readonly #path = `${this.#folder.path}/agent.db`;
  #store = Store.open(this.#path);
  #trust = this.#open();

  /** Looks into the folder, as an agent does at its start and at every reload. */
  async refresh(repository: SignedFolder): Promise<void> {
    await updateTrust(`${repository.path}/signed`, "test", this.#trust);
  }

  /** As after a reboot: all that is known is what is on disk. */
  restart(): void {
    this.#store[Symbol.dispose]();
    this.#store = Store.open(this.#path);
    this.#trust = this.#open();
  }

  get trusted(): Trusted {
    const root = this.#trust.root();
    const list = this.#trust.acceptList();
    if (!root || !list) return "nothing";
    return `root ${root.version}, list ${list.version} of epoch ${list.epoch}`;
  }

  #open(): TrustStore {
    const floor = Number(getMeta(this.#store, "clock_floor") ?? 0);
    return new TrustStore(this.#store, new TrustedClock(() => this.now, floor));
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}
