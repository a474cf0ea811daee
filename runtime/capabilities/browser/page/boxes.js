// While pictures of the page leave it: black boxes, opaque whatever is inside. For the person too.
((page) => {
  const MARK = "data-writ-masked";
  const COVER = `:is(${page.COVERED}, [${MARK}]):not(#_#_#_)`;
  // What is inside is unseen on its own account: a dialog lies above, and some covers have no box.
  // Transitions are stronger than any rule.
  const STYLE = `
    ${COVER} { background: #000 !important; color: transparent !important;
      -webkit-text-fill-color: transparent !important; filter: brightness(0) !important;
      opacity: 1 !important; overflow: clip !important; transition: none !important; }
    ${COVER}::before, ${COVER}::after, ${COVER}::backdrop, ${COVER} *, ${COVER} *::before,
    ${COVER} *::after, ${COVER} *::backdrop {
      opacity: 0 !important; transition: none !important; }
    :host-context(${COVER}) * { opacity: 0 !important; transition: none !important; }
  `;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  let isOn = false;
  let since = 0;

  const kindOf = (root) => root === document ? Document : ShadowRoot;
  const sheetsOf = (root) => [...page.read(kindOf(root), "adoptedStyleSheets", root)];
  const wear = (root, sheets) =>
    Reflect.set(kindOf(root).prototype, "adoptedStyleSheets", sheets, root);
  const own = () =>
    [...page.memory.roots].filter((root) => root === document || root.ownerDocument === document);
  const isMarked = (element) =>
    element.hasAttribute(MARK) || element.matches(page.COVERED) || element.closest(page.COVERED);

  // A field that is masked though no selector says so any more.
  function cover(element) {
    if (!isOn || element.ownerDocument !== document || isMarked(element)) return;
    element.setAttribute(MARK, "");
    since = Date.now();
  }
  function coverAll() {
    page.lookAround();
    for (const root of own()) {
      const sheets = sheetsOf(root);
      if (!sheets.includes(sheet)) {
        wear(root, [...sheets, sheet]);
        since = Date.now();
      }
      for (const element of page.all(root, `${page.FIELD}, [contenteditable]`)) {
        if (page.isCover(element)) cover(element);
      }
    }
  }
  function uncoverAll() {
    for (const root of own()) {
      wear(root, sheetsOf(root).filter((other) => other !== sheet));
      for (const element of page.all(root, `[${MARK}]`)) element.removeAttribute(MARK);
    }
  }
  Object.assign(page, {
    cover,
    box(on) {
      isOn = on;
      if (on) coverAll();
      else uncoverAll();
    },
    // Since when everything has been covered: earlier pictures may show something.
    coveredSince() {
      if (isOn) coverAll();
      return isOn ? since : Infinity;
    },
  });
});
