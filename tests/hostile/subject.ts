import { prepareModule } from "../../runtime/core/module.ts";
import type { CellRights, RunRequest } from "../../runtime/sandbox/mod.ts";
import { PARSE_HERE } from "../core/parse_here.ts";
import { type Attack, type Source, sourceFor } from "./attack.ts";
import { HOSTILE_STORE } from "./served.ts";
import type { Canaries, Targets } from "./canaries.ts";

/** An attack's scripts, ready for a cell. */
export interface Subject {
  readonly script: RunRequest;
  readonly accomplice?: RunRequest;
}

/**
 * Prepares an attack's scripts as an agent does. What they say goes past the canaries.
 *
 * @param guarded Whether what is lent is protected.
 */
export function attackRequest(attack: Attack, canaries: Canaries, guarded = true): Subject {
  const request = (source: Source, name: string): RunRequest => {
    const text = sourceFor(source, canaries.targets);
    const bytes = new TextEncoder().encode(text);
    return {
      javascript: attack.ungated
        ? text
        : prepareModule(bytes, "application/typescript", PARSE_HERE).javascript,
      scriptUrl: `script://hostile/${name}@1.0.0`,
      input: canaries.targets,
      ...lentTo(attack, canaries.targets, guarded),
      attachments: attack.attachment === undefined ? [] : [attached(attack.attachment)],
      onEvent: (event) => canaries.see(event),
    };
  };
  return {
    script: request(attack.module, attack.name.replaceAll("_", "-")),
    ...(attack.accomplice ? { accomplice: request(attack.accomplice.module, "accomplice") } : {}),
  };
}

function lentTo({ lent }: Attack, at: Targets, guarded: boolean): Pick<RunRequest, "capabilities"> {
  if (!lent) return {};
  if (lent === true) return { capabilities: HOSTILE_STORE };
  return { capabilities: guarded ? lent.guarded(at) : lent.unguarded(at) };
}

export function rightsOf(
  rights: CellRights | ((at: Targets) => CellRights),
  at: Targets,
): CellRights {
  return typeof rights === "function" ? rights(at) : rights;
}

function attached(text: string) {
  const bytes = new TextEncoder().encode(text);
  return {
    name: "document",
    length: bytes.length,
    mediaType: "text/plain",
    read: (offset: number, length: number) => Promise.resolve(bytes.slice(offset, offset + length)),
  };
}
