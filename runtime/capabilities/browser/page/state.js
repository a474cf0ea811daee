// What fields, scrolling and selections are like, in words that hold in another browser.
((page) => {
  const MAX_FIELDS = 2_000;
  const isField = (element) => element.matches?.("input, textarea, select") ?? false;
  const NO_TEXT = /^(?:checkbox|radio|file|button|submit|reset|image|hidden)$/;
  const HAS_CARET = /^(?:text|search|url|tel|password|)$/;

  const editingHost = (element) => {
    let host = element;
    while (host.parentElement?.isContentEditable) host = host.parentElement;
    return host;
  };

  function stateOf(field) {
    const event = { type: "input", element: page.refOf(field) };
    if (field.localName === "select") {
      return { ...event, values: [...field.selectedOptions].map(({ value }) => value) };
    }
    if (/^(?:checkbox|radio)$/.test(field.type)) return { ...event, checked: field.checked };
    if (isField(field)) {
      if (NO_TEXT.test(field.type)) return undefined;
      const caret = field.localName === "textarea" || HAS_CARET.test(field.type);
      const selection = caret ? { selection: [field.selectionStart, field.selectionEnd] } : {};
      return { ...event, value: field.value, ...selection };
    }
    const isTold = field.isContentEditable && !page.holdsMasked(field);
    return isTold ? { ...event, value: field.innerText } : undefined;
  }

  const share = (at, whole, seen) => whole > seen ? page.round(at / (whole - seen)) : 0;
  function scrollOf(target) {
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = target;
    return {
      type: "scroll",
      element: target === document.scrollingElement && page.isTop ? null : page.refOf(target),
      x: share(scrollLeft, scrollWidth, clientWidth),
      y: share(scrollTop, scrollHeight, clientHeight),
    };
  }

  const textPoint = (node, offset) => {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    // Places are counted from its beginning, over all that it holds.
    if (!element || page.isMasked(element) || page.holdsMasked(element)) return undefined;
    const range = document.createRange();
    range.setStart(element, 0);
    range.setEnd(node, offset);
    return { ...page.refOf(element), offset: range.toString().length };
  };
  function selectionState() {
    const selection = getSelection();
    const nothing = { from: null, to: null };
    if (!selection || selection.isCollapsed || isField(document.activeElement ?? document.body)) {
      return nothing;
    }
    const from = textPoint(selection.anchorNode, selection.anchorOffset);
    const to = textPoint(selection.focusNode, selection.focusOffset);
    return from && to ? { from, to } : nothing;
  }

  // What brings the same page in another browser to where this one is. Fields that are as the page
  // has made them, too: over there somebody may have typed.
  function stateOfPage() {
    page.lookAround();
    const fields = [...page.memory.roots]
      .flatMap((root) => [...page.all(root, `${page.FIELD}, [contenteditable]`)])
      .filter((field) => isField(field) || editingHost(field) === field)
      .filter((field) => !page.isMasked(field)).slice(0, MAX_FIELDS);
    const active = document.activeElement;
    const focused = active && active !== document.body && !page.isMasked(active);
    return [
      ...fields.map(stateOf).filter((state) => state),
      ...(document.scrollingElement ? [scrollOf(document.scrollingElement)] : []),
      ...(focused ? [{ type: "focus", element: page.refOf(active) }] : []),
    ];
  }

  Object.assign(page, {
    isField,
    editingHost,
    stateOf,
    scrollOf,
    textPoint,
    selectionState,
    stateOfPage,
  });
});
