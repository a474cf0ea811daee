// What nobody else sees: fields are replaced by marks of one length, hidden regions are left out,
// and neither can be driven. It happens here, before anything leaves the page's own process.
((page, { mask, hide }) => {
  const MARKS = "••••••••";
  // Shorter ones stand in every text by accident.
  const MIN_SECRET = 4;
  const MAX_SECRETS = 500;
  const MASKED = [
    'input[type="password" i]',
    '[autocomplete*="password" i]',
    '[autocomplete*="cc-" i]',
    '[autocomplete*="one-time-code" i]',
    ...mask,
  ].join(", ");
  const HIDDEN = hide.join(", ");
  const isSelector = (text) => {
    try {
      return document.querySelector(text) !== undefined;
    } catch {
      return false;
    }
  };
  // A selector that this browser does not know would hide nothing: then nothing is told at all.
  page.masksHold = [MASKED, ...(HIDDEN ? [HIDDEN] : [])].every(isSelector);
  if (!page.masksHold) return;

  // A field that was masked once stays so: pages turn passwords into text to show them.
  const masked = new WeakSet();
  const secrets = new Set();
  const names = new Set();

  // What stands around an element, out of shadow roots and frames too.
  function* around(element) {
    for (let at = element; at;) {
      if (at instanceof at.ownerDocument.defaultView.Element) yield at;
      at = at.parentElement ?? at.getRootNode().host ?? at.ownerDocument.defaultView?.frameElement;
    }
  }
  const matches = (element, selector) => selector !== "" && element.matches(selector);

  function remember(element) {
    masked.add(element);
    const { value, name } = element;
    if (typeof name === "string" && name !== "" && !names.has(name)) {
      names.add(name);
      page.send({ type: "masked-name", name });
    }
    if (typeof value !== "string" || value.length < MIN_SECRET) return;
    secrets.delete(value);
    secrets.add(value);
    if (secrets.size > MAX_SECRETS) secrets.delete(secrets.values().next().value);
  }

  function isMasked(element) {
    for (const at of around(element)) {
      if (masked.has(at)) return true;
      if (matches(at, MASKED)) {
        remember(at);
        return true;
      }
      if (matches(at, HIDDEN)) return true;
    }
    return false;
  }

  // Words of our own and of rrweb, not of the page.
  const OWN = new Set(["type", "document", "token", "tagName"]);
  function withoutSecrets(key, value) {
    if (typeof value !== "string" || OWN.has(key)) return value;
    for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
      value = value.replaceAll(secret, MARKS);
    }
    return value;
  }
  // Whatever leaves the page, as JSON: also what the page itself has copied out of a masked field is
  // replaced, in texts alone, as the same letters stand in numbers by accident.
  function toText(told) {
    for (const element of document.querySelectorAll(MASKED)) remember(element);
    const text = JSON.stringify(told);
    const isIn = (secret) => text.includes(JSON.stringify(secret).slice(1, -1));
    return [...secrets].some(isIn) ? JSON.stringify(told, withoutSecrets) : text;
  }

  new MutationObserver((changes) => {
    for (const { target, attributeName, oldValue } of changes) {
      const was = String(oldValue).toLowerCase();
      if (attributeName === "type" && was === "password") remember(target);
      if (attributeName === "autocomplete" && /password|cc-|one-time-code/.test(was)) {
        remember(target);
      }
    }
  }).observe(document, {
    subtree: true,
    attributeFilter: ["type", "autocomplete"],
    attributeOldValue: true,
  });
  const note = (event) => {
    const element = event.composedPath()[0];
    if (element instanceof Element && isMasked(element)) remember(element);
  };
  addEventListener("input", note, true);
  addEventListener("change", note, true);

  // While frames of the page leave it: black boxes, opaque whatever is inside.
  const sheet = new CSSStyleSheet();
  const boxed = HIDDEN === "" ? MASKED : `${MASKED}, ${HIDDEN}`;
  sheet.replaceSync(
    `:is(${boxed}, [data-writ-masked]):not(#_#_#_) { background: #000 !important; ` +
      "filter: brightness(0) !important; opacity: 1 !important; overflow: clip !important; }",
  );
  Object.assign(page, {
    MARKS,
    around,
    MASKED,
    HIDDEN,
    isMasked,
    toText,
    box(on) {
      const others = document.adoptedStyleSheets.filter((other) => other !== sheet);
      document.adoptedStyleSheets = on ? [...others, sheet] : others;
    },
  });
});
