/**
 * `deno task docs:api`: writes the table of docs/api.md from the table of routes, between the
 * marks that stand there.
 *
 * @module
 */
import { ROUTES } from "../../../runtime/agent/http/route_table.ts";

const PAGE = new URL("../../../docs/api.md", import.meta.url);
const [START, END] = ["<!-- routes -->\n", "<!-- /routes -->"];

/** The page as it must be. */
export function apiPage(page = Deno.readTextFileSync(PAGE)): string {
  const [from, to] = [page.indexOf(START), page.indexOf(END)];
  if (from < 0 || to < from) throw new RangeError("docs/api.md holds no mark for the routes");
  return page.slice(0, from + START.length) + `\n${routeTable()}\n\n` + page.slice(to);
}

function routeTable(): string {
  const rows = ROUTES.map(({ method, path, callers, about }) => {
    const kinds = callers.map((kind) => kind === "public" ? "anybody" : kind).join(", ");
    const route = `\`${method} ${path.replace(/:(\w+)/g, "{$1}")}\``;
    return [route, kinds, about.replaceAll("<", "&lt;").replaceAll("|", "\\|")];
  });
  return [["route", "for", "what"], ["---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

if (import.meta.main) Deno.writeTextFileSync(PAGE, apiPage());
