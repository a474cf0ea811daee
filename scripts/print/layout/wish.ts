import type { IppAttributes } from "../ipp/message.ts";
import { numberOf, textOf, textsOf } from "../ipp/values.ts";
import type { Job } from "../spool/job.ts";

/** What is made of a document here, for printers that do not do it themselves. */
export interface LayoutWish {
  /** Pages on one side of a sheet. */
  readonly up: number;
  /** Lines of a page that goes before the document. */
  readonly banner: readonly string[] | undefined;
  /** Whether paper is printed on both sides, so that a banner's other side stays empty. */
  readonly bothSides: boolean;
}

/** Pages that go on one side. */
export const UP = [1, 2, 4] as const;
/** `job-sheets` that are made. */
export const SHEETS = ["none", "standard"] as const;

/** What a job wishes of what its queue makes; `undefined` when its document goes as it is. */
export function wishOf(
  job: Pick<Job, "id" | "name" | "user" | "queue" | "created">,
  template: IppAttributes,
  makes: readonly string[],
): LayoutWish | undefined {
  const up = makes.includes("number-up") ? numberOf(template, "number-up") ?? 1 : 1;
  const hasBanner = makes.includes("job-sheets") &&
    textsOf(template, "job-sheets").includes("standard");
  if (up === 1 && !hasBanner) return undefined;
  return {
    up,
    banner: hasBanner ? bannerOf(job) : undefined,
    bothSides: (textOf(template, "sides") ?? "one-sided") !== "one-sided",
  };
}

/** Letters that fit beside each other. */
const LINE = 40;

function bannerOf(
  { id, name, user, queue, created }: Parameters<typeof wishOf>[0],
): readonly string[] {
  const at = new Date(created).toISOString().slice(0, 16).replace("T", " ");
  return [user.slice(0, LINE), name.slice(0, LINE), `Job ${id}, queue ${queue}`, `${at} UTC`];
}
