import { prepareModule } from "../../runtime/core/module.ts";
import type { CellRights, RunRequest } from "../../runtime/sandbox/mod.ts";
import { type Attack, type Source, sourceFor } from "./attack.ts";
import { HOSTILE_STORE } from "./served.ts";
import type { Canaries, Targets } from "./canaries.ts";

/** An attack's scripts, ready for a cell. */
export interface Subject {
  readonly script: RunRequest;
  readonly accomplice?: RunRequest;
}

/** Prepares an attack's scripts as an agent does. What they say goes past the canaries. */
export function attackRequest(attack: Attack, canaries: Canaries): Subject {
  const request = (source: Source, name: string): RunRequest => {
    const text = sourceFor(source, canaries.targets);
    const bytes = new TextEncoder().encode(text);
    return {
      javascript: attack.ungated ? text : prepareModule(bytes, "application/typescript").javascript,
      scriptUrl: `script://hostile/${name}@1.0.0`,
      input: canaries.targets,
      ...(attack.lent ? { capabilities: HOSTILE_STORE } : {}),
      attachments: attack.attachment === undefined ? [] : [attached(attack.attachment)],
      onEvent: (event) => canaries.see(event),
    };
  };
  return {
    script: request(attack.module, attack.name.replaceAll("_", "-")),
    ...(attack.accomplice ? { accomplice: request(attack.accomplice.module, "accomplice") } : {}),
  };
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
