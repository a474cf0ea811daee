import { isMap } from "yaml";
import { PERMISSION_KINDS, type Permissions } from "../../core/documents/grant.ts";
import { checkPermissions, type PermissionOptions } from "../permissions/check_permissions.ts";
import { closed, flag, listOf, oneOf, text } from "../yaml/decoders.ts";
import { type Decoder, either, refine } from "../yaml/decoder.ts";
import { keyPath, type Place } from "../yaml/place.ts";
import { reason } from "./values.ts";

const netMapping = refine(
  closed({ address: text }, { internal: flag }),
  ({ address, internal = false }) => ({ address, internal }),
);

/** `"host:port"`, or a mapping that says `internal`. */
const netEntry: Decoder<{ address: string; internal: boolean }> = either(
  (place) => {
    if (isMap(place.node)) return netMapping(place);
    const address = text(place);
    return address === undefined ? undefined : { address, internal: false };
  },
  [text, netMapping],
);

const unsafeEntry = refine(
  closed({ permission: oneOf(PERMISSION_KINDS), reason }, { value: text }),
  ({ permission, value = "", reason }): NonNullable<Permissions["unsafe"]>[number] => ({
    permission,
    value,
    reason,
  }),
);

const shape: Decoder<Permissions> = closed({}, {
  net: listOf(netEntry),
  read: listOf(text),
  write: listOf(text),
  env: listOf(text),
  sys: listOf(text),
  unsafe: listOf(unsafeEntry),
});

/**
 * Reads `permissions:`: first the shape, then every value as {@linkcode checkPermissions} has it,
 * reported at the value's own line. Lists that turn out empty are left out.
 */
export function permissionsYaml(options: PermissionOptions): Decoder<Permissions> {
  return refine(shape, (permissions, place) => {
    const findings = checkPermissions(permissions, options);
    for (const { segments, finding } of findings) {
      const found = valueAt(place, segments);
      // A duplicate was already said by the list, which compares whole entries.
      if (finding.code === "duplicate" && alreadySaid(found)) continue;
      found.mistake(finding);
    }
    const given = Object.entries(permissions).filter(([, values]) => values!.length > 0);
    return findings.length === 0 ? Object.fromEntries(given) : undefined;
  });
}

function valueAt(place: Place, segments: readonly (string | number)[]): Place {
  return segments.reduce(
    (at, segment) => at.below(segment, at.file.find([...at.segments, segment])),
    place,
  );
}

function alreadySaid(place: Place): boolean {
  const path = keyPath(place.segments);
  return place.file.mistakes.some((m) => m.code === "duplicate" && m.keyPath === path);
}
