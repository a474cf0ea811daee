// What the person does here, as events. Only what they did themselves: what was applied, and what
// comes of it, is not told again.
((page) => {
  const POINTER_MS = 33;
  const GESTURE_MS = 1_000;
  const MAX_TEXT = 64_000;
  const KEYS = /^(?:Enter|Escape|Arrow(?:Up|Down|Left|Right)|PageUp|PageDown|Home|End)$/;
  const BUTTONS = ["left", "middle", "right"];
  const { memory } = page;

  let gestureAt = -Infinity;
  let enterIsDown = false;
  const isOfPerson = () => performance.now() - gestureAt < GESTURE_MS;
  const modifiersOf = (event) => {
    const found = ["alt", "control", "meta", "shift"].filter((name) =>
      event[name === "control" ? "ctrlKey" : `${name}Key`]
    );
    return found.length > 0 ? { modifiers: found } : {};
  };

  // Tells of something on an element, once it is clear that it may be told.
  const on = (type, tell, options = {}) =>
    addEventListener(type, (event) => {
      if (!event.isTrusted || page.isApplied(event)) return;
      const element = event.composedPath()[0];
      tell(event, element instanceof Element ? element : null);
    }, { capture: true, passive: true, ...options });
  const gesture = () => {
    gestureAt = performance.now();
  };
  // Before what they type, by an input method or the clipboard too, comes `beforeinput`; before what a
  // page's script writes (`execCommand`) does not, though that is trusted as well.
  const GESTURES = ["pointerdown", "pointerup", "wheel", "touchmove", "keydown", "beforeinput"];
  for (const type of GESTURES) on(type, gesture);

  let pointerAt = -Infinity;
  let lastMove;
  const tellMove = () => {
    const [event, element] = lastMove;
    lastMove = undefined;
    pointerAt = performance.now();
    if (element.isConnected) page.send({ type: "pointer", point: page.pointOf(element, event) });
  };
  on("pointermove", (event, element) => {
    if (!element || page.isMasked(element)) return;
    const waits = lastMove !== undefined;
    lastMove = [{ clientX: event.clientX, clientY: event.clientY }, element];
    const rest = POINTER_MS - (performance.now() - pointerAt);
    if (rest <= 0) tellMove();
    else if (!waits) setTimeout(() => lastMove && tellMove(), rest);
  });

  const isToggle = (element) => element?.matches?.("input[type=checkbox], input[type=radio]");
  const click = (event, element) => {
    if (!element || page.isMasked(element)) return;
    // A key that was told does the same over there.
    if (event.detail === 0 && enterIsDown) return;
    // What was toggled is told as the state that it has then, by its input event.
    const label = element.closest("label");
    if (isToggle(element) || isToggle(label?.control)) return;
    page.send({
      type: "click",
      point: event.detail === 0
        ? { ...page.refOf(element), x: 0.5, y: 0.5 }
        : page.pointOf(element, event),
      button: BUTTONS[event.button] ?? "left",
      count: event.detail === 2 ? 2 : 1,
      ...modifiersOf(event),
    });
  };
  on("click", click);

  on("keydown", (event, element) => {
    const { key, code, ctrlKey, metaKey, altKey } = event;
    if (!KEYS.test(key) || ctrlKey || metaKey || altKey || event.isComposing) return;
    if (element && page.isMasked(element)) return;
    const tell = () => {
      const known = element && element !== document.body ? page.refOf(element) : null;
      page.send({ type: "key", element: known, key, code, ...modifiersOf(event) });
    };
    if (key === "Enter") enterIsDown = true;
    if (key === "Enter" && element?.matches("textarea, [contenteditable]")) return;
    if (key === "Enter" || key === "Escape") return tell();
    if (element?.matches("select, input[type=radio], input[type=range], input[type=number]")) {
      return;
    }
    // The others move the caret or the page, which is told as such, unless the page has taken them.
    setTimeout(() => event.defaultPrevented && tell());
  });
  on("keyup", ({ key }) => {
    if (key === "Enter") enterIsDown = false;
  });

  // What is chosen in a list or a calendar comes long after that was opened, and no script chooses there.
  const mayBeScripts = ({ inputType }, element) => Boolean(inputType) || isToggle(element);
  on("input", (event, element) => {
    if (!element || page.isMasked(element) || element.type === "file") return;
    if (mayBeScripts(event, element) && !isOfPerson()) return;
    const field = element.isContentEditable ? page.editingHost(element) : element;
    const state = page.stateOf(field);
    if (!state || (state.value?.length ?? 0) > MAX_TEXT) return;
    memory.written.set(field, ++memory.deeds);
    page.send({ ...state, deed: memory.deeds });
  });

  on("focusin", (_event, element) => {
    if (!element || !isOfPerson()) return;
    const cover = page.coverOf(element);
    // Which key of a masked keypad has the focus is what is typed.
    if (cover && (cover !== element || page.isRegion(cover))) return;
    const told = { type: "focus", element: page.refOf(element), deed: ++memory.deeds };
    page.send({ ...told, ...(cover ? { masked: true } : {}) });
  });

  let scrolled = new Set();
  const tellScrolls = () => {
    for (const target of scrolled) {
      if (page.wasScrolledTo(target) || !target.isConnected) continue;
      page.send(page.scrollOf(target));
    }
    scrolled = new Set();
  };
  on("scroll", (event) => {
    if (!isOfPerson()) return;
    const target = event.target === document ? document.scrollingElement : event.target;
    if (!target || (target instanceof Element && page.isMasked(target))) return;
    // At once for the first of a frame, so that it arrives early; its last place is told by the next.
    if (scrolled.size === 0) setTimeout(tellScrolls);
    scrolled.add(target);
  });

  let selected = JSON.stringify({ from: null, to: null });
  document.addEventListener("selectionchange", () => {
    if (!isOfPerson()) return;
    const state = page.selectionState();
    const text = JSON.stringify(state);
    if (text === selected || page.wasSelected(text)) return;
    selected = text;
    page.send({ type: "selection", ...state });
  });

  page.isShown = () => document.visibilityState === "visible";
  page.hasPerson = () => page.isShown() && document.hasFocus();
  if (page.isTop) {
    const tellShown = (event) => {
      if (event.isTrusted && page.isShown()) page.report({ type: "shown" });
    };
    document.addEventListener("visibilitychange", tellShown);
    // Of a window of its own, which may be in sight all the time.
    addEventListener("focus", tellShown);
    addEventListener("resize", () => {
      if (!page.wasResizedTo(innerWidth, innerHeight)) {
        page.send({ type: "viewport", width: innerWidth, height: innerHeight });
      }
    });
  }
});
