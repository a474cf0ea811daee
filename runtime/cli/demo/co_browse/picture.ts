/**
 * `deno task docs:co-browse`: writes the picture in README, of a real session: Cleo's page, while
 * Anna shares her browser and Ben points at something in his.
 *
 * @module
 */
import { CoBrowseParty } from "./party.ts";

const FILE = new URL("../../../../docs/co-browse.png", import.meta.url);

await using party = await CoBrowseParty.open();
const anna = await party.share();
const ben = await party.joinBen();
const cleo = await party.joinByLink("Cleo", { width: 1_080, height: 720 });
await anna.click("#add");
await cleo.until(`document.querySelector("#count").textContent === "1"`, "frame");
await cleo.evaluate(`document.querySelector("#text").value = "That one, please";
  document.querySelector("#chat button").click()`);
await cleo.until(`document.querySelector("#lines").innerText.includes("please")`);
const at = await ben.evaluate<{ x: number; y: number }>(`(() => {
  const { x, y, width, height } = document.querySelector("#next").getBoundingClientRect();
  return { x: x + width * 0.8, y: y + height * 0.6 };
})()`);
await ben.move(at);
await cleo.until(`document.querySelector("#people").innerText.includes("ms")`);
await cleo.evaluate("document.activeElement.blur()");
await cleo.evaluate("new Promise((resolve) => setTimeout(resolve, 300))");
await Deno.writeFile(FILE, await cleo.picture());
Deno.exit();
