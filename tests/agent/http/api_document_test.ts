import assert from "node:assert/strict";
import { apiPage } from "./api_document.ts";

Deno.test("docs/api.md shows the routes as they are (else: deno task docs:api)", () => {
  const page = Deno.readTextFileSync(new URL("../../../docs/api.md", import.meta.url));
  assert.equal(apiPage(page), page);
});
