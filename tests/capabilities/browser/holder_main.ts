// Opens the page that it is told, says where its browser's files are, and waits to be killed.
import { TestBrowser } from "./fixture.ts";

const url = Deno.args[0]!;
const browser = new TestBrowser({ urls: [{ origin: new URL(url).origin, internal: true }] });
await browser.open(url);
await Deno.stdout.write(new TextEncoder().encode(`${browser.folder()}\n`));
await new Promise(() => {});
