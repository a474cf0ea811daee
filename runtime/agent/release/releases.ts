import { fileURLToPath } from "node:url";
import type { Release } from "../../core/documents/release.ts";
import type { Root } from "../../core/documents/root.ts";
import { verifyRelease } from "../../core/verification/release.ts";
import { WRIT_VERSION } from "../../core/version.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import { AgentError, messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Source } from "../sources/source.ts";
import { getMeta, setMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { ReleaseFolder } from "./release_folder.ts";

/** How long a new release must run before it is taken for well. */
const WELL_AFTER_MS = 10_000;
/** Where this very program lies. */
const PROGRAM = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
/** The highest number that was ever taken, in the table of remembered values. */
const NEWEST = "release_newest";

/** What {@linkcode Releases} works with. */
export interface ReleasesOptions {
  /** Of the agent; releases lie in `releases` below it. */
  state: string;
  store: Store;
  audit: Pick<AuditLog, "append">;
  root(): Root | undefined;
  sources(): readonly Source[];
  now(): number;
  log: Log;
  /** Whether something starts the agent again when it ends for a new release. */
  supervised: boolean;
  /** Default: {@linkcode WELL_AFTER_MS}. */
  wellAfterMs?: number;
  /** Where the program lies that runs. Default: this very one. */
  program?: string;
}

/** What an agent says about its releases. */
export interface ReleaseStatus {
  /** Of the program that runs. */
  version: string;
  deno: string;
  /** The number of the release that runs; `null` for what was installed. */
  running: number | null;
  /** Taken, and started when the agent ends. */
  next: number | null;
  /** Tried, and given up as it did not come up. */
  failed: number | null;
  /** What {@linkcode Releases.goBack} leads to; `null` for what was installed. */
  previous: number | null;
  supervised: boolean;
}

/**
 * Has the agent become another program: a release that the role `releases` signed is fetched,
 * checked part by part, started once for its version, and then marked for the launcher, which
 * starts it when the agent ends and goes back when it does not come up.
 */
export class Releases implements Disposable {
  readonly #options: ReleasesOptions;
  readonly #folder: ReleaseFolder;
  readonly #program: string;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;

  constructor(options: ReleasesOptions) {
    this.#options = options;
    this.#folder = new ReleaseFolder(`${options.state}/releases`);
    this.#program = options.program ?? PROGRAM;
  }

  /** Resolves when the agent should end, so that what was taken is started. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Call when the agent is up: says after a while that this release is well. */
  begin(): void {
    const trying = this.#folder.marked("trying");
    if (trying === undefined || !this.#runs(trying)) return this.#tellFailure();
    const after = this.#options.wellAfterMs ?? WELL_AFTER_MS;
    this.#timer = setTimeout(() => this.#confirm(trying), after);
  }

  status(): ReleaseStatus {
    const { supervised } = this.#options;
    const marked = (mark: Parameters<ReleaseFolder["marked"]>[0]) =>
      this.#folder.marked(mark) ?? null;
    const [trying, current] = [marked("trying"), marked("current")];
    const running = [trying, current].find((number) => this.#runs(number)) ?? null;
    const [next, failed] = [marked("next"), marked("failed")];
    // One that is tried has not become current yet: what is current came before it.
    const previous = running !== null && running === trying ? current : marked("previous");
    const deno = Deno.version.deno;
    return { version: WRIT_VERSION, deno, running, next, failed, previous, supervised };
  }

  /**
   * Takes a release: resolves when it lies ready and will be started next.
   *
   * @throws {VerificationError} as `verifyRelease()` and `parseReleaseFiles()` do
   * @throws {AgentError} not_supervised – nothing would start the agent again
   * @throws {AgentError} policy – no root says who signs releases
   * @throws {AgentError} busy – another one is being taken
   * @throws {AgentError} release_incomplete, release_broken, disk_full, state_unreadable
   */
  async take(envelope: Uint8Array): Promise<Release> {
    const { root, now, store, audit, supervised, log } = this.#options;
    if (!supervised) throw notSupervised();
    const trusted = root();
    if (!trusted) {
      throw new AgentError("policy", "Cannot take a release as no root says who signs releases");
    }
    const newest = Number(getMeta(store, NEWEST) ?? 0);
    const release = verifyRelease(envelope, { root: trusted, newest, now: now() });
    const { sequence, version, deno } = release;
    if (this.#busy) throw new AgentError("busy", "Cannot take a release while another is taken");
    this.#busy = true;
    try {
      const { stageRelease } = await import("./stage_release.ts");
      await stageRelease(release, {
        folder: this.#folder.of(sequence),
        state: this.#options.state,
        sources: this.#options.sources(),
        running: this.#program,
        signal: this.#stopping.signal,
      });
      await store.write(() => {
        setMeta(store, NEWEST, String(sequence));
        audit.append({ event: "release_taken", detail: { release: sequence, version, deno } });
      });
      this.#folder.mark("next", sequence);
      log("info", "release taken", { release: sequence, version, deno });
    } finally {
      this.#busy = false;
    }
    this.#ready.resolve();
    return release;
  }

  /**
   * Has the release before this one, or what was installed, started next. Wherever it breaks off,
   * either this release or the one before it starts.
   *
   * @throws {AgentError} not_supervised – nothing would start the agent again
   * @throws {AgentError} no_release – what was installed runs already
   * @throws {AgentError} busy – another one is being taken
   * @throws {AgentError} disk_full, state_unreadable
   */
  async goBack(): Promise<void> {
    const { supervised, store, audit, log } = this.#options;
    if (!supervised) throw notSupervised();
    const { running, previous } = this.status();
    if (running === null) {
      throw new AgentError("no_release", "Cannot go back as what was installed runs");
    }
    if (this.#busy) throw new AgentError("busy", "Cannot go back while a release is taken");
    clearTimeout(this.#timer);
    const detail = { release: running, to: previous };
    await store.write(() => audit.append({ event: "release_back", detail }));
    // The launcher would start it before anything else.
    this.#folder.unmark("next");
    if (this.#runs(this.#folder.marked("trying"))) this.#folder.unmark("trying");
    else {
      if (previous === null) this.#folder.unmark("current");
      else this.#folder.mark("current", previous);
      this.#folder.unmark("previous");
    }
    log("info", "going back", { from: running, to: previous ?? "installed" });
    this.#ready.resolve();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#stopping.abort();
  }

  /** Whether the release of this number is the program that runs. */
  #runs(sequence: number | null | undefined): boolean {
    return typeof sequence === "number" && this.#folder.of(sequence) === this.#program;
  }

  #confirm(sequence: number): void {
    const { audit, store, log } = this.#options;
    const before = this.#folder.marked("current");
    try {
      if (before === undefined) this.#folder.unmark("previous");
      else this.#folder.mark("previous", before);
      this.#folder.mark("current", sequence);
      this.#folder.unmark("trying");
      this.#folder.unmark("failed");
      this.#folder.removeUnused();
    } catch (error) {
      return log("error", "release not confirmed", { release: sequence, error: messageOf(error) });
    }
    log("info", "release is well", { release: sequence });
    const detail = { release: sequence, version: WRIT_VERSION, deno: Deno.version.deno };
    store.write(() => audit.append({ event: "release_kept", detail })).catch((error) =>
      log("error", "release not recorded", { error: messageOf(error) })
    );
  }

  /** Once for each, by the first start of what it was given up for. */
  #tellFailure(): void {
    const { audit, store, log } = this.#options;
    const failed = this.#folder.marked("failed");
    if (failed === undefined || getMeta(store, "release_failed") === String(failed)) return;
    log("error", "release given up as it did not come up", { release: failed });
    store.write(() => {
      setMeta(store, "release_failed", String(failed));
      audit.append({ event: "release_given_up", detail: { release: failed } });
    }).catch((error) => log("error", "release not recorded", { error: messageOf(error) }));
  }
}

function notSupervised(): AgentError {
  return new AgentError(
    "not_supervised",
    "Cannot become another release as nothing would start this agent again: writ agent install",
  );
}
