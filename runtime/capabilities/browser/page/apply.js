// What others do, done here. Clicks, moves and keys are real input, which the agent sends once it has
// asked here where to; the rest is set in place. None of it is told again.
((page) => {
  // What real input is on its way: known by what it is, so that the person's own is still told.
  let armed;
  // While something is set in place; what the page does about it comes in the same turn.
  let setting = false;
  const moved = { x: NaN, y: NaN };
  const sized = { width: NaN, height: NaN };
  const scrolledTo = new WeakMap();
  let selectedTo;
  const { memory } = page;
  const OVERTAKEN = { applied: false, why: "overtaken" };

  const isNear = (a, b) => Math.abs(a - b) <= 1;
  const isThere = ({ view, clientX, clientY }) => {
    const { x, y } = page.inPage(view, { x: clientX, y: clientY });
    return isNear(x, moved.x) && isNear(y, moved.y);
  };
  const isPointer = (type) => /^(?:pointer|mouse|click|dblclick)/.test(type);
  const isText = ({ inputType = "" }) => /^(?:insert|delete|history)/.test(inputType);

  function isApplied(event) {
    if (setting) return true;
    // The browser moves the pointer again by itself when the page has moved below it.
    if (event.type === "pointermove" && isThere(event)) return true;
    if (armed === undefined) return false;
    if (isPointer(event.type)) {
      // A click that no pointer made comes of a key, or of another click.
      return event.detail === 0 && event.type === "click" ||
        armed.kind === "pointer" && (event.detail === 0 || isThere(event));
    }
    if (event.type === "keydown" || event.type === "keyup") {
      return armed.kind === "key" && event.key === armed.key;
    }
    // What comes of it.
    return event.type !== "wheel" && !(armed.kind === "pointer" && isText(event));
  }

  const set = (work) => {
    setting = true;
    try {
      return work();
    } finally {
      setting = false;
    }
  };

  const may = (ref) => {
    const element = page.find(ref);
    if (!element) return { why: "gone" };
    return page.isMasked(element) ? { why: "masked" } : { element };
  };
  const told = (element, ref) =>
    ref.node === undefined ? { applied: true } : { applied: true, path: page.pathOf(element) };

  // Where the pointer is to go; only to where that element is what a person would hit.
  function aim(point, button) {
    const { element, why } = may(point);
    if (why) return { applied: false, why };
    const box = element.getBoundingClientRect();
    if (box.width === 0 && box.height === 0) return { applied: false, why: "hidden" };
    let found = hitOf(element, point);
    if (button && !found.isHit) {
      set(() => element.scrollIntoView({ block: "center", behavior: "instant" }));
      for (const at of page.around(element)) noteScroll(at);
      found = hitOf(element, point);
    }
    const { at, hit } = found;
    if (!hit) return { applied: false, why: "hidden" };
    if (isKept(hit)) return { applied: false, why: "masked" };
    if (button && !found.isHit) return { applied: false, why: "hidden" };
    armed = { kind: "pointer" };
    Object.assign(moved, at);
    return { ...told(element, point), at };
  }
  const isFrame = (element) =>
    /^(?:iframe|frame|object|embed|fencedframe)$/.test(element.localName);
  // Masked itself, or by way of its label; in frames of others nobody can tell.
  const isKept = (element) => {
    if (isFrame(element) && !element.contentDocument) return true;
    const label = element.closest("label");
    return page.isMasked(element) || Boolean(label?.control && page.isMasked(label.control));
  };
  const holds = (element, inner) => {
    for (let at = inner; at; at = at.parentElement ?? at.getRootNode().host) {
      if (at === element) return true;
    }
    return false;
  };
  // What lies at a point of an element, and whether that is the element or of it.
  function hitOf(element, point) {
    const at = page.positionOf(element, point);
    const isSeen = at.x >= 0 && at.y >= 0 && at.x < innerWidth && at.y < innerHeight;
    const hit = isSeen ? page.elementAt(at.x, at.y) : null;
    return { at, hit, isHit: hit !== null && (hit.contains(element) || holds(element, hit)) };
  }

  // What keys reach, inside of shadow roots and frames too.
  const focused = (root = document) => {
    const at = root.activeElement;
    const inner = at?.shadowRoot ?? at?.contentDocument;
    return (inner && focused(inner)) ?? at;
  };
  function aimKey(ref, key) {
    const { element, why } = ref ? may(ref) : { element: focused() };
    if (why) return { applied: false, why };
    if (ref && element !== focused()) {
      set(() => element.focus({ preventScroll: true }));
    }
    const taker = focused();
    if (taker && isKept(taker)) return { applied: false, why: "masked" };
    armed = { kind: "key", key };
    return element && ref ? told(element, ref) : { applied: true };
  }

  // The browser has taken what was on its way.
  const disarm = () => {
    armed = undefined;
  };

  const setterOf = (element) => {
    const { HTMLInputElement, HTMLTextAreaElement } = element.ownerDocument.defaultView;
    const { prototype } = element.localName === "textarea" ? HTMLTextAreaElement : HTMLInputElement;
    return Object.getOwnPropertyDescriptor(prototype, "value").set;
  };
  const changed = (element) => {
    element.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // A click takes no choice back where there are several.
  function toggle(element, checked) {
    if (checked || element.type !== "radio") return element.click();
    element.checked = false;
    changed(element);
  }

  // What the person has done since counts as later than what comes now.
  const isOvertaken = (deed, known) =>
    known && deed > (known.document === page.document ? known.deeds : 0);

  function input({ element: ref, value, checked, values, selection }, known) {
    const { element, why } = may(ref);
    if (why) return { applied: false, why };
    if (isOvertaken(memory.written.get(element), known)) return OVERTAKEN;
    const state = page.stateOf(element);
    if (element.disabled || element.readOnly || !state) return { applied: false, why: "refused" };
    if (checked !== undefined && "checked" in state) {
      if (element.checked !== checked) toggle(element, checked);
    } else if (values !== undefined && "values" in state) {
      for (const option of element.options) option.selected = values.includes(option.value);
      changed(element);
    } else if (value === undefined || !("value" in state)) {
      return { applied: false, why: "refused" };
    } else if (element.isContentEditable) {
      if (element.innerText !== value) element.innerText = value;
      changed(element);
    } else if (element.value !== value) {
      setterOf(element).call(element, value);
      changed(element);
    }
    if (selection && state.selection && element === document.activeElement) {
      element.setSelectionRange(...selection);
    }
    return told(element, ref);
  }

  function scroll({ element: ref, x, y }) {
    const { element, why } = ref ? may(ref) : { element: document.scrollingElement };
    if (why || !element) return { applied: false, why: why ?? "gone" };
    const left = x * (element.scrollWidth - element.clientWidth);
    const top = y * (element.scrollHeight - element.clientHeight);
    element.scrollTo({ left, top, behavior: "instant" });
    noteScroll(element);
    return ref ? told(element, ref) : { applied: true };
  }
  const noteScroll = (element) => {
    scrolledTo.set(element, { left: element.scrollLeft, top: element.scrollTop });
  };
  const wasScrolledTo = (element) => {
    const to = scrolledTo.get(element);
    return to && isNear(to.left, element.scrollLeft) && isNear(to.top, element.scrollTop);
  };

  function focus({ element: ref }, known) {
    if (isOvertaken(memory.deeds, known)) return OVERTAKEN;
    if (!ref) {
      document.activeElement?.blur();
      return { applied: true };
    }
    const { element, why } = may(ref);
    if (why) return { applied: false, why };
    element.focus({ preventScroll: true });
    return told(element, ref);
  }

  const placeIn = ({ offset }, element) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let rest = offset;
    for (let text; (text = texts.nextNode());) {
      if (rest <= text.length) return [text, rest];
      rest -= text.length;
    }
    return [element, element.childNodes.length];
  };
  function selection({ from, to }) {
    if (!from || !to) {
      getSelection()?.removeAllRanges();
    } else {
      const [start, end] = [may(from), may(to)];
      const why = start.why ?? end.why;
      if (why) return { applied: false, why };
      getSelection().setBaseAndExtent(
        ...placeIn(from, start.element),
        ...placeIn(to, end.element),
      );
    }
    selectedTo = JSON.stringify(page.selectionState());
    return { applied: true };
  }

  const inPlace = { input, scroll, focus, selection };
  Object.assign(page, {
    isApplied,
    aim,
    aimKey,
    disarm,
    setInPlace: (event, known) => set(() => inPlace[event.type](event, known)),
    wasScrolledTo,
    wasSelected: (text) => text === selectedTo,
    wasResizedTo: (width, height) => width === sized.width && height === sized.height,
    willResizeTo: (width, height) => Object.assign(sized, { width, height }),
  });
  // All is done by the page's own document; what comes of it in a frame is known there.
  if (!page.isTop) {
    const { isApplied, wasScrolledTo, wasSelected } = top.writPage ?? page;
    Object.assign(page, { isApplied, wasScrolledTo, wasSelected });
  }
});
