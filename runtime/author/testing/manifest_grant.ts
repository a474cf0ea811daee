import {
  DEFAULT_LIMITS,
  type Grant,
  type Limits,
  type Permissions,
} from "../../core/documents/grant.ts";
import type { Manifest, PermissionRequest } from "../../core/documents/manifest.ts";

/** What a manifest asks for, as a grant, and what of it no grant can be made of. */
export interface ManifestGrant {
  readonly grant: Pick<Grant, "permissions" | "limits" | "capabilities">;
  /** Requests without a value, or of what only an admin's `unsafe` gives. */
  readonly left: readonly PermissionRequest[];
}

/** A grant of exactly what the manifest requests, for the author's own machine. */
export function grantOfManifest(
  { requests, capabilities, limits = {} }: Pick<Manifest, "requests" | "capabilities" | "limits">,
): ManifestGrant {
  const valuesOf = (kind: PermissionRequest["permission"]) =>
    requests.flatMap(({ permission, value }) =>
      permission === kind && value !== undefined ? [value] : []
    );
  const permissions: Permissions = {
    net: valuesOf("net").map((address) => ({ address, internal: false })),
    read: valuesOf("read"),
    write: valuesOf("write"),
    env: valuesOf("env"),
    sys: valuesOf("sys"),
  };
  const left = requests.filter(({ permission, value }) =>
    value === undefined || permission === "run" || permission === "ffi"
  );
  const grant = {
    permissions,
    limits: { ...DEFAULT_LIMITS, ...defined(limits) },
    capabilities: Object.fromEntries(capabilities.map((name) => [name, {}])),
  };
  return { grant, left };
}

function defined(limits: NonNullable<Manifest["limits"]>): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
