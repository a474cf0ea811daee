import build from "./mirror/build.js" with { type: "text" };
import capture from "./mirror/capture.js" with { type: "text" };
import inert from "./mirror/inert.js" with { type: "text" };
import mirrorMain from "./mirror/main.js" with { type: "text" };
import mirror from "./mirror/mirror.js" with { type: "text" };
import nodes from "./mirror/nodes.js" with { type: "text" };
import overlay from "./mirror/overlay.js" with { type: "text" };
import sheets from "./mirror/sheets.js" with { type: "text" };
import connection from "./page/connection.js" with { type: "text" };
import desk from "./page/desk.js" with { type: "text" };
import frame from "./page/frame.js" with { type: "text" };
import guest from "./page/guest.js" with { type: "text" };
import panel from "./page/panel.js" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import words from "./page/words.js" with { type: "text" };

/** The files that the pages are made of, by their paths below `/viewer`. */
const FILES: Readonly<Record<string, string>> = {
  "mirror/build.js": build,
  "mirror/capture.js": capture,
  "mirror/inert.js": inert,
  "mirror/main.js": mirrorMain,
  "mirror/mirror.js": mirror,
  "mirror/nodes.js": nodes,
  "mirror/overlay.js": overlay,
  "mirror/sheets.js": sheets,
  "page/connection.js": connection,
  "page/desk.js": desk,
  "page/frame.js": frame,
  "page/guest.js": guest,
  "page/panel.js": panel,
  "page/style.css": style,
  "page/words.js": words,
};

/** Answers a file of the pages: the same for everybody, and no secret. */
export function answerFile(path: string): Response | undefined {
  const name = path.replace(/^\/viewer\//, "");
  if (name === path || !Object.hasOwn(FILES, name)) return undefined;
  const type = name.endsWith(".css") ? "text/css" : "text/javascript";
  return new Response(FILES[name], {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "cache-control": "no-cache",
      // The pages are sandboxed, and so strangers to their own agent.
      "access-control-allow-origin": "*",
    },
  });
}
