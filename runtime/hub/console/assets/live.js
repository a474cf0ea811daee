// Brings the parts of a page that are marked as live up to date when the fleet changes. A page
// without this script is the same, and is reloaded by hand.

const main = document.querySelector("main[data-live]");
if (main) follow(main.dataset.live);

// Where the places stand in a row that is wider than the screen.
document.querySelector(".places nav [aria-current]")
  ?.scrollIntoView({ block: "nearest", inline: "center" });

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (!confirm(form.dataset.confirm)) event.preventDefault();
  });
}

function follow(about) {
  const stream = new EventSource(`/live?about=${encodeURIComponent(about)}`);
  let busy = false;
  let again = false;
  const changed = async () => {
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      // It fails when the page is being left, and while the hub is away: then the stream opens again.
      await refresh().catch(() => {});
    }
    busy = false;
  };
  stream.addEventListener("changed", changed);
  // What changed since the page was drawn, or while the connection was away, was told to nobody.
  stream.addEventListener("open", changed);
  // The session is over.
  stream.addEventListener("over", () => {
    stream.close();
    location.reload();
  });
  addEventListener("pagehide", () => stream.close());
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { "x-by-itself": "1" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    const other = fresh.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
    // What somebody is typing in, or has opened, stays as it is.
    if (!other || part.contains(document.activeElement) || part.innerHTML === other.innerHTML) {
      continue;
    }
    const followsEnd = part.scrollTop + part.clientHeight >= part.scrollHeight - 4;
    part.replaceChildren(...other.childNodes);
    if (followsEnd) part.scrollTop = part.scrollHeight;
  }
}
