/**
 * Writes the table of docs/hub.md from the routes of the hub's API: `deno task docs:api`.
 *
 * @module
 */
import { API_ROUTES } from "../../runtime/hub/api/route_table.ts";

const DOCUMENT = new URL("../../docs/hub.md", import.meta.url);
const HEAD = "| route | scope | |\n|---|---|---|\n";

/** Every route of the API, as a table. */
export function apiTable(): string {
  const rows = API_ROUTES.map(({ method, path, scope, also, about }) =>
    `| \`${method} /api/v1${path}\` | ${scopesOf(scope, also)} | ${about} |\n`
  );
  return HEAD + rows.join("");
}

if (import.meta.main) {
  const text = Deno.readTextFileSync(DOCUMENT);
  const start = text.indexOf(HEAD);
  const end = text.indexOf("\n\n", start) + 1;
  Deno.writeTextFileSync(DOCUMENT, text.slice(0, start) + apiTable() + text.slice(end));
}

function scopesOf(...scopes: (string | undefined)[]): string {
  return scopes.filter((scope) => scope !== undefined).map((scope) => `\`${scope}\``).join(" ");
}
