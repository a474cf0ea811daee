import type { Hono } from "hono";
import { HttpRefusal } from "./refusal.ts";

/**
 * Answers 405 with `Allow` where a path is known and its method is not. Call after every route.
 */
export function refuseOtherMethods(app: Hono): void {
  const allowed = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method === "ALL") continue;
    const methods = allowed.get(path) ?? new Set();
    allowed.set(path, methods.add(method));
    if (method === "GET") methods.add("HEAD");
  }
  for (const [path, methods] of allowed) {
    app.all(path, (c) => {
      c.header("allow", [...methods].join(", "));
      throw new HttpRefusal("method_not_allowed");
    });
  }
}
