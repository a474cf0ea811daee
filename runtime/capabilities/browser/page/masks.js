// What nobody else sees: masked fields, and regions, which are what `hide` matches and what `mask`
// matches besides fields. One question for all who tell or do anything here: is it inside of one?
((page, { mask, hide }) => {
  const FIELD = "input, textarea, select";
  const MASKED = [
    'input[type="password" i]',
    '[autocomplete*="password" i]',
    '[autocomplete*="cc-" i]',
    '[autocomplete*="one-time-code" i]',
    ...mask,
  ].join(", ");
  const COVERED = [MASKED, ...hide].join(", ");
  const REGION = [`:is(${MASKED}):not(${FIELD})`, ...hide].join(", ");
  const WITHIN = `:is(${FIELD}, [contenteditable]):is(:is(${COVERED}), :is(${COVERED}) *)`;

  // As a form or a document answers with a field of that name, where the page has made one.
  const read = (of, name, node) => Reflect.get(of.prototype, name, node);
  const isKind = (node, kind) => read(Node, "nodeType", node) === kind;
  const isElement = (node) => isKind(node, Node.ELEMENT_NODE);
  const matches = (element, selector) => Element.prototype.matches.call(element, selector);
  const shadowOf = (element) => read(Element, "shadowRoot", element);
  const ofRoot = (root) =>
    isElement(root) ? Element : isKind(root, Node.DOCUMENT_NODE) ? Document : DocumentFragment;
  const all = (root, selector) => ofRoot(root).prototype.querySelectorAll.call(root, selector);

  // A selector that this browser does not know would hide nothing: then nothing is told at all.
  const isSelector = (text) => {
    try {
      return all(document, text) !== undefined;
    } catch {
      return false;
    }
  };
  page.masksHold = [MASKED, ...hide, COVERED].every(isSelector);
  if (!page.masksHold) return;

  // Of a page and its frames of the same site: what is a secret in one is copied to the other.
  const memoryOfTop = () => {
    try {
      return top.writPage?.memory;
    } catch {
      return undefined;
    }
  };
  page.memory = memoryOfTop() ?? {
    // A field that was masked once stays so: pages turn passwords into text to show them.
    fields: new WeakSet(),
    // Fields that the person has filled themselves, so that the same words do not mask them.
    open: new WeakSet(),
    roots: new Set(),
    names: new Set(),
    secrets: new Map(),
    values: new Map(),
    // How often the person has written or gone elsewhere, and when that was in each field.
    deeds: 0,
    written: new WeakMap(),
  };
  const { fields, open, roots, values } = page.memory;

  // What stands around a node, out of slots, shadow roots and frames too.
  function* around(node) {
    for (let at = node; at;) {
      if (isElement(at)) yield at;
      at = outside(at);
    }
  }
  function outside(node) {
    const slot = isElement(node)
      ? read(Element, "assignedSlot", node)
      : isKind(node, Node.TEXT_NODE) && read(Text, "assignedSlot", node);
    const parent = slot || read(Node, "parentNode", node);
    if (parent) return parent;
    if (isKind(node, Node.DOCUMENT_FRAGMENT_NODE)) return node.host;
    return isKind(node, Node.DOCUMENT_NODE)
      ? read(Document, "defaultView", node)?.frameElement
      : undefined;
  }

  function isCover(element) {
    if (fields.has(element) || matches(element, COVERED)) return true;
    if (values.size > 0 && page.isCopy(element)) {
      page.remember(element);
      return true;
    }
    return false;
  }
  function isMasked(node) {
    for (const at of around(node)) if (isCover(at)) return true;
    return false;
  }
  // The outermost of all that it is inside of.
  function coverOf(node) {
    let cover;
    for (const at of around(node)) if (isCover(at)) cover = at;
    return cover;
  }
  const isRegion = (element) => !matches(element, FIELD) || matches(element, REGION);
  const holdsMasked = (element) => [...all(element, "*")].some(isCover);

  // Shadow roots and frames come without a word, and so do values that the page sets.
  function know(root) {
    if (roots.has(root)) return;
    roots.add(root);
    changes.observe(root, {
      subtree: true,
      attributeFilter: ["type", "autocomplete"],
      attributeOldValue: true,
    });
  }
  const isThere = (root) =>
    isKind(root, Node.DOCUMENT_NODE) ? read(Document, "defaultView", root) : root.isConnected;
  function lookAgain() {
    for (const root of roots) {
      if (!isThere(root)) roots.delete(root);
      else for (const element of all(root, WITHIN)) page.remember(element);
    }
  }
  function lookAround(root = document) {
    know(root);
    for (const element of all(root, "*")) {
      const inner = shadowOf(element) ??
        (element.localName === "iframe" ? element.contentDocument : undefined);
      if (inner) lookAround(inner);
    }
    if (root === document) lookAgain();
  }

  const changes = new MutationObserver((records) => {
    for (const { target, attributeName, oldValue } of records) {
      const was = String(oldValue).toLowerCase();
      const wasMasked = attributeName === "type"
        ? was === "password"
        : /password|cc-|one-time-code/.test(was);
      if (wasMasked) page.remember(target);
    }
  });
  const note = (event) => {
    const [element, ...path] = event.composedPath();
    for (const root of path) if (root instanceof ShadowRoot) know(root);
    if (!(element instanceof Element)) return;
    if (isMasked(element)) page.remember(element);
    else if (event.type === "input" && event.isTrusted) open.add(element);
  };
  for (const type of ["focusin", "beforeinput", "input", "change"]) {
    addEventListener(type, note, true);
  }
  // What comes now may be the page showing a password.
  addEventListener("pointerdown", () => lookAround(), true);
  addEventListener("keydown", ({ key }) => (key === "Enter" || key === " ") && lookAround(), true);

  Object.assign(page, {
    read,
    all,
    around,
    matches,
    isCover,
    isMasked,
    isRegion,
    coverOf,
    holdsMasked,
    know,
    lookAgain,
    lookAround,
    FIELD,
    COVERED,
    REGION,
  });
});
