import type { Grant } from "../core/documents/grant.ts";
import { aliasOf, meetingAliases } from "../core/documents/serve.ts";
import type { Decoded } from "./decoded.ts";
import { Place } from "./yaml/place.ts";

/**
 * Collects a mistake for every alias that another grant has too, or that lies above or below one:
 * one script would answer what is meant for the other, and which of them would be anybody's guess.
 */
export function checkAliases(grants: readonly Decoded<Grant>[]): void {
  const claims = grants.flatMap(({ file, value }) => {
    const alias = aliasOf(value.serve);
    return alias === undefined ? [] : [{ alias, file }];
  });
  for (const [{ alias, file }, other] of meetingAliases(claims)) {
    const segments = ["serve", "alias"];
    new Place(file, file.find(segments), segments).mistake({
      code: "duplicate",
      message: "must neither be an alias of another grant nor lie above or below one: " +
        `${other.file.name} has "${other.alias}", got "${alias}"`,
    });
  }
}
