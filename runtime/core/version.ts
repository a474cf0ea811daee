/** This Writ, the version that a manifest's `runtime` range is matched against. */
export const WRIT_VERSION = "0.1.0";
