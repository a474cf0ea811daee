/**
 * Keeps the page fresh: each event is a row that the agent has written, which takes the place of
 * the one before. Focus stays where it was.
 */
export const SCRIPT = `
const live = document.querySelector("#live"), news = document.querySelector("#news");
const events = new EventSource(document.currentScript.dataset.events);
const say = (where, text) => { if (where.textContent !== text) where.textContent = text; };
events.onopen = () => say(live, "Live");
events.onerror = () => say(live, "Not connected: what you see may be old");
const show = ({ id, queue, html }) => {
  const body = document.querySelector('[data-queue="' + CSS.escape(queue) + '"] tbody');
  if (!body) return;
  const template = document.createElement("template");
  template.innerHTML = html;
  const row = template.content.firstElementChild;
  const old = body.querySelector('[data-job="' + id + '"]');
  const focused = old?.contains(document.activeElement);
  body.querySelector(".none")?.remove();
  if (old) old.replaceWith(row); else body.prepend(row);
  if (focused) row.querySelector("button")?.focus();
};
events.addEventListener("now", ({ data }) => show(JSON.parse(data)));
events.addEventListener("job", ({ data }) => {
  const job = JSON.parse(data);
  show(job);
  say(news, job.words);
});
`;
