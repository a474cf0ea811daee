// The page's content as rrweb records it, for viewers that have no browser of ours.
((page) => {
  // Left out, with a place of the same size: what nobody else sees, and what only this script draws.
  const BLOCKED = `writ-overlay, ${page.REGION}`;
  // Characters that changes may take at once, and in a millisecond over time.
  const MOST = 4_000_000;
  const RATE = 2_000;
  let collected;
  let stop;
  let left = MOST;
  let leftAt = performance.now();
  let isHeld = false;
  let isMissing = false;

  const take = (recorded) => {
    const event = page.recorded(recorded);
    if (!event) return;
    if (collected) return collected.push(event);
    if (isHeld) {
      isMissing = true;
      return;
    }
    const now = performance.now();
    left = Math.min(MOST, left + (now - leftAt) * RATE);
    leftAt = now;
    left -= page.send({ type: "mirror", document: page.document, event });
    if (left < 0) hold();
  };
  // Who changes faster than that is told as a whole when there is room again.
  const hold = () => {
    isHeld = true;
    isMissing = false;
    setTimeout(() => {
      isHeld = false;
      if (isMissing) page.takeFullSnapshot();
    }, -left / RATE + 1_000);
  };
  function begin(record) {
    if (stop) return;
    // What is there now goes into the snapshot that is asked for; a later document tells of itself.
    if (document.readyState !== "loading") collected = [];
    page.nodeById = (node) => record.mirror.getNode(node);
    page.idOf = (node) => record.mirror.getId(node);
    page.takeFullSnapshot = () => record.takeFullSnapshot();
    stop = record({
      emit: take,
      blockSelector: BLOCKED,
      maskAllInputs: true,
      maskInputFn: (text, element) => page.isMasked(element) ? page.MARKS : text,
      inlineImages: true,
      recordCanvas: false,
      recordCrossOriginIframes: false,
      recordAfter: "DOMContentLoaded",
      sampling: { mousemove: false, mouseInteraction: false, scroll: 100, input: "all" },
      slimDOMOptions: { script: true, comment: true, headMetaSocial: true, headMetaRobots: true },
    });
    collected = undefined;
  }
  // Whole and at once: what changes later continues it, and is told after this.
  function snapshot(token) {
    collected = [];
    try {
      page.takeFullSnapshot();
      page.send({ type: "snapshot", token });
      return collected;
    } finally {
      collected = undefined;
    }
  }
  Object.assign(page, { beginMirror: begin, snapshot });
});
