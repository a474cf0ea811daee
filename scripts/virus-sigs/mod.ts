/**
 * Keeps the virus signatures of a machine fresh from the machines next to it, and is a mirror for
 * freshclam itself. README.md tells how.
 *
 * @module
 */
import type { Context, Script } from "writ";
import { openDesk } from "./desk.ts";
import { answer } from "./endpoint.ts";
import { tellNews } from "./gossip.ts";
import { type ListNotes, publish } from "./publish.ts";
import { rounds } from "./rounds.ts";
import { scannerAsTold, statusOf } from "./status.ts";
import { sync } from "./sync.ts";
import { NotUsed } from "./refusals.ts";
import { forgetRefusal, rollBack, useNewest } from "./use_newest.ts";

/** What an order asks for. */
export type Input =
  /** Offer the attached files; what must be said of plain lists stands in `lists`. */
  | { do: "publish"; lists?: ListNotes }
  /** Ask peers now, and from then on again and again. */
  | { do: "sync" }
  | { do: "status" }
  | { do: "rollback" };

async function run(input: Input, ctx: Context): Promise<unknown> {
  const desk = openDesk(ctx);
  switch (input.do) {
    case "publish": {
      const kept = await publish(ctx.attachments, input.lists ?? {}, desk);
      const taken = kept.map(({ name, version }) => `${name} ${version}`);
      if (taken.length > 0) await tellNews(desk);
      await forgetRefusal(desk);
      const used = await useNewest(desk);
      if (used.used === "now" || used.used === "refused") await tellNews(desk);
      if (used.used === "refused") throw new NotUsed(taken, used.why);
      return { taken, ...used };
    }
    case "sync": {
      // First of all: whatever comes between, there is a next round.
      const isDue = await rounds.begin(ctx, desk.settings.everyMs);
      if (!isDue) return null;
      const report = await sync(desk);
      // Others can have it while it is tested here.
      if (report.taken.length > 0) await tellNews(desk);
      const used = await useNewest(desk);
      if (used.used === "now") await tellNews(desk);
      return { ...report, ...used };
    }
    case "status":
      return await statusOf(desk);
    case "rollback":
      return scannerAsTold(await rollBack(desk));
  }
}

export default { run, fetch: answer } satisfies Script<Input>;
