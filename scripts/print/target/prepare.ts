import { layOut } from "../layout/lay_out.ts";
import { LayoutError } from "../layout/pdf/syntax.ts";
import { wishOf } from "../layout/wish.ts";
import type { Job } from "../spool/job.ts";
import type { SpoolContext } from "../spool/spool.ts";
import { templateOf } from "../spool/template.ts";
import type { Offer } from "./offer.ts";
import type { NewJob } from "./printer_jobs.ts";

/** Times that a document may be laid out, which may take more memory than the script has. */
const LAYOUTS = 3;

/** A job as its printer is told of it: what is made here, it is not asked for. */
export function newJobOf(job: Job, { makes }: Pick<Offer, "makes">): NewJob {
  const template = [...templateOf(job.template)].filter(([name]) => !makes.includes(name));
  return { ...job, template: new Map(template) };
}

/** A document as its printer gets it; without one, `why` there is none. */
export async function documentOf(
  { blobs }: SpoolContext,
  job: Job,
  { makes }: Pick<Offer, "makes">,
): Promise<{ document?: ReadableStream<Uint8Array>; why: string }> {
  const kept = await blobs.get(job.document?.sha256 ?? "");
  if (!kept) return { why: "the document is gone" };
  const wish = wishOf(job, templateOf(job.template), makes);
  if (!wish) return { document: kept.stream(), why: "" };
  const cannot = "pages cannot be put together of the document as";
  if (job.attempts > LAYOUTS) return { why: `${cannot} it needs too much of the script` };
  try {
    return { document: await layOut(kept, job.format, wish), why: "" };
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    return { why: `${cannot} ${error.message}` };
  }
}
