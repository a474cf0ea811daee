import type { Job } from "./job.ts";

/** A job that wants in. */
export interface Ticket {
  readonly uuid: string;
  readonly user: string;
  readonly name: string;
  readonly format: string;
  readonly template: string;
  readonly copies: number;
  readonly fidelity: boolean;
  /** Held from the beginning: until a time (milliseconds since 1970), or until it is released. */
  readonly hold?: { readonly until: number | null };
}

/** The reason of a job that was told to wait. */
export const HELD = "job-hold-until-specified";

/** A job that was just taken; `incoming` when its document comes later. */
export function newJob(
  id: number,
  queue: string,
  ticket: Ticket,
  state: "incoming" | "taken",
): Omit<Job, "turn"> {
  const { hold, ...said } = ticket;
  return {
    ...said,
    id,
    queue,
    state: state === "incoming" ? state : hold ? "held" : "pending",
    reasons: [...state === "incoming" ? ["job-incoming"] : [], ...hold ? [HELD] : []],
    message: "",
    created: Date.now(),
    began: null,
    ended: null,
    until: hold?.until ?? null,
    document: null,
    pages: null,
    delivery: null,
    attempts: 0,
    canceling: false,
  };
}
