import type { ScriptName } from "../../core/documents/common.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { type Authorized, authorizeModule } from "../../core/verification/authorize_run.ts";
import { requireNotExpired } from "../../core/verification/time.ts";
import { resolveScript } from "./resolve_script.ts";
import type { ModuleParser } from "./module_parser.ts";
import type { ScriptLibrary } from "./script_library.ts";
import type { ManifestTable } from "../store/manifests.ts";
import { highestSequence, raiseSequence } from "../store/sequences.ts";
import type { Store } from "../store/store.ts";

/** How long a version serves before a higher one is looked for. */
const FRESH_MS = 30_000;

/** What {@linkcode ServedScripts} work with. */
export interface ServedScriptsOptions {
  store: Store;
  manifests: ManifestTable;
  library: ScriptLibrary;
  parser: ModuleParser;
  policy(): PolicyInForce;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Aborted when the agent stops. */
  stopping: AbortSignal;
}

interface Found {
  readonly authorized: Authorized;
  readonly policy: PolicyInForce;
  readonly at: number;
}

/**
 * Which version of a script answers its requests: of all that are accepted and known, here or in a
 * source, the highest. It is found anew when the policy changes, and looked for again every while.
 */
export class ServedScripts {
  readonly #options: ServedScriptsOptions;
  readonly #found = new Map<ScriptName, Found>();
  readonly #finding = new Map<ScriptName, Promise<Found>>();

  constructor(options: ServedScriptsOptions) {
    this.#options = options;
  }

  /**
   * @throws {VerificationError} – why no version may answer
   * @throws {NodeRefusal} – no cell could be started to parse it in
   */
  async find(script: ScriptName): Promise<Authorized> {
    const policy = this.#options.policy();
    const now = this.#options.now();
    const known = this.#found.get(script);
    if (known?.policy !== policy) return (await this.#search(script)).authorized;
    if (policy.expires !== undefined) requireNotExpired(policy.expires, "the policy", now);
    // Meanwhile the version that is known goes on answering.
    if (now - known.at > FRESH_MS) this.#search(script).catch(() => {});
    return known.authorized;
  }

  #search(script: ScriptName): Promise<Found> {
    const searching = this.#finding.get(script) ?? this.#resolve(script).finally(() => {
      this.#finding.delete(script);
    });
    this.#finding.set(script, searching);
    return searching;
  }

  async #resolve(script: ScriptName): Promise<Found> {
    const { store, manifests, library, parser, now, stopping } = this.#options;
    const policy = this.#options.policy();
    const highest = highestSequence(store, script);
    const { verified, manifestBytes, moduleBytes } = await resolveScript(
      { serving: script },
      { library, policy, highestSequence: highest, signal: stopping },
    );
    const { manifest, digest } = verified;
    const parsers = await parser.prepare(moduleBytes, manifest, stopping);
    const authorized = authorizeModule({
      manifestBytes,
      moduleBytes,
      policy,
      now: now(),
      highestSequence: highest,
      parsers,
    });
    await store.write(() => {
      manifests.put(script, manifest.version, manifest.module.sha256, digest, manifestBytes);
      raiseSequence(store, script, manifest.sequence);
    });
    const found = { authorized, policy, at: now() };
    this.#found.set(script, found);
    return found;
  }
}
