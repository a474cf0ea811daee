import type { RunEvent } from "../sandbox/run_request.ts";

/** One line of what a script said, whatever way it spoke. */
export interface LogLine {
  /** `debug`, `info`, `warn`, `error`; `progress` and `event` for the other ways to speak. */
  readonly level: string;
  readonly text: string;
}

/** What a script said, as one line. */
export function logLineOf(event: RunEvent): LogLine {
  switch (event.type) {
    case "log":
      return { level: event.level, text: event.text };
    case "progress": {
      const percent = `${Math.round(event.fraction * 100)} %`;
      return { level: "progress", text: event.message ? `${percent} ${event.message}` : percent };
    }
    case "event":
      return { level: "event", text: `${event.name} ${JSON.stringify(event.data)}` };
  }
}
