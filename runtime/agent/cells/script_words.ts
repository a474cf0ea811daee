import { canonicalText } from "../../core/canonical_json.ts";
import type { ScriptName } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { scriptNameOf } from "../../core/verification/manifest.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RunEvent } from "../../sandbox/mod.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import { messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { readableText } from "../runs/readable_trace.ts";
import type { ScriptLibrary } from "../scripts/script_library.ts";
import type { Store } from "../store/store.ts";

/** What {@linkcode ScriptWords} work with. */
export interface ScriptWordsOptions {
  store: Store;
  audit: AuditLog;
  /** Gives the maps that make traces readable. */
  library: Pick<ScriptLibrary, "module">;
  now(): number;
  log: Log;
}

/** What one script said in the span of time under way. */
interface Said {
  events: number;
  lines: number;
}

/**
 * What scripts say, beyond what a run's own record keeps: events that they name go into the audit
 * log, complaints of an endpoint or of a live cell into the agent's own.
 *
 * A script has so many rows and lines in a minute, each of a bounded length. What is beyond is
 * counted, and told by its number when the minute is over: nobody fills the disk.
 */
export class ScriptWords implements Disposable {
  readonly #options: ScriptWordsOptions;
  readonly #said = new Map<ScriptName, Said>();
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ScriptWordsOptions) {
    this.#options = options;
  }

  /**
   * What was said in a request, or by a live cell of its own accord: no run keeps it. Traces show
   * the author's own lines.
   */
  heard(manifest: Manifest, event: RunEvent): void {
    const script = scriptNameOf(manifest);
    if (event.type === "event") return this.named(script, event);
    if (event.type !== "log" || (event.level !== "warn" && event.level !== "error")) return;
    if (++this.#of(script).lines > AGENT_LIMITS.SCRIPT_LINES) return;
    const { level } = event;
    const { library, log } = this.#options;
    const scriptUrl = `script://${script}@${manifest.version}`;
    readableText(event.text, manifest, { scriptUrl, library }).then((whole) => {
      const text = whole.slice(0, AGENT_LIMITS.SCRIPT_LINE_CHARACTERS);
      log(level, "script says", { script, text });
    });
  }

  /** What a request ended with, where that is an error that the script did not catch. */
  failed(manifest: Manifest, outcome: Outcome): void {
    if (outcome.outcome !== "script_error") return;
    const { name, message, stack } = outcome.detail;
    const text = `Uncaught ${stack || `${name}: ${message}`}`;
    this.heard(manifest, { type: "log", level: "error", text });
  }

  /** @param run In which it was said, where it was one. */
  named(
    script: ScriptName,
    { name, data }: Extract<RunEvent, { type: "event" }>,
    run?: number,
  ): void {
    if (++this.#of(script).events > AGENT_LIMITS.SCRIPT_EVENTS) return;
    const { store, audit, log } = this.#options;
    const detail = {
      script,
      ...(run !== undefined && { run }),
      name: name.slice(0, AGENT_LIMITS.SCRIPT_EVENT_NAME).toWellFormed(),
      ...bounded(data),
    };
    log("info", "script event", detail);
    store.writeLater(() => audit.append({ event: "script_event", detail })).catch((error) => {
      log("error", "event of a script not recorded", { script, error: messageOf(error) });
    });
  }

  /** Ends the span of time, and writes down what was left out in it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { SCRIPT_EVENTS, SCRIPT_LINES } = AGENT_LIMITS;
    const { store, audit, now, log } = this.#options;
    const counts: Record<ScriptName, number> = {};
    for (const [script, { events, lines }] of this.#said) {
      if (events > SCRIPT_EVENTS) counts[script] = events - SCRIPT_EVENTS;
      if (lines > SCRIPT_LINES) {
        log("warn", "script says more", { script, lines: lines - SCRIPT_LINES });
      }
    }
    this.#said.clear();
    if (Object.keys(counts).length === 0) return;
    const detail = { since: instant(this.#since), until: instant(now()), counts };
    store.write(() => audit.append({ event: "script_events_counted", detail })).catch((error) => {
      log("error", "events of scripts not counted", { error: messageOf(error) });
    });
  }

  [Symbol.dispose](): void {
    this.flush();
  }

  #of(script: ScriptName): Said {
    if (this.#said.size === 0) this.#since = this.#options.now();
    const said = this.#said.get(script) ?? { events: 0, lines: 0 };
    this.#said.set(script, said);
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), AGENT_LIMITS.REFUSAL_WINDOW_MS);
      Deno.unrefTimer(this.#timer);
    }
    return said;
  }
}

/** The data as it is, or the beginning of its text where it is too long for a row. */
function bounded(data: unknown): { data: unknown } | { beginning: string } {
  const most = AGENT_LIMITS.SCRIPT_EVENT_CHARACTERS;
  try {
    if (canonicalText(data).length <= most) return { data };
  } catch {
    // What JSON can say, and its canonical form cannot, is told as text.
  }
  return { beginning: (JSON.stringify(data) ?? "null").slice(0, most).toWellFormed() };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
