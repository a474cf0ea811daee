// What rrweb has recorded, as it may be told: of masked fields their looks, of regions their size, and
// of what is inside of them nothing, as how often it changes says how much is typed.
((page) => {
  const EVENT = { full: 2, change: 3, meta: 4 };
  const CHANGE = {
    nodes: 0,
    scroll: 3,
    viewport: 4,
    input: 5,
    rules: 8,
    declared: 13,
    adopted: 15,
  };
  const OF_FIELD = new Set([
    ...["id", "name", "type", "autocomplete", "placeholder"],
    ...["hidden", "disabled", "readonly", "required"],
  ]);
  // Pages have them follow what is typed: told as they were when they were told first.
  const LOOKS = new Set(["class", "style", "size", "rows", "cols", "rr_width", "rr_height"]);
  const looks = new WeakMap();
  const TOGGLE = "input[type=checkbox i], input[type=radio i]";

  const only = (attributes, names) =>
    Object.fromEntries(Object.entries(attributes).filter(([name]) => names.has(name)));

  // A node as it is told, or nothing where it is inside of what is covered.
  function told(serialized) {
    const node = page.nodeById(serialized.id);
    if (!node) return [];
    if (serialized.attributes && page.isCover(node)) return [withoutContent(serialized, node)];
    if (node.assignedSlot && page.isMasked(node)) return [];
    const { childNodes, attributes } = serialized;
    if (!childNodes) return [serialized];
    // What stands in a frame is told as nodes, once it is known what of it is masked.
    const { srcdoc: _, ...rest } = attributes ?? {};
    const known = attributes
      ? { ...serialized, attributes: { ...rest, ...page.gapIn(node, rest) } }
      : serialized;
    return [{ ...known, childNodes: childNodes.flatMap(told) }];
  }
  function withoutContent(serialized, element) {
    const isField = !page.isRegion(element);
    if (!looks.has(element)) looks.set(element, only(serialized.attributes, LOOKS));
    const attributes = {
      ...(isField ? only(serialized.attributes, OF_FIELD) : {}),
      ...looks.get(element),
      ...(isField && "value" in serialized.attributes ? { value: page.MARKS } : {}),
      ...(isField ? {} : { rr_gap: "private" }),
    };
    return { ...serialized, attributes, childNodes: [] };
  }

  const isOpen = (id) => {
    const node = page.nodeById(id);
    return Boolean(node) && !page.isMasked(node);
  };
  // A masked field that is in nothing else.
  const fieldOf = (id) => {
    const node = page.nodeById(id);
    return node && page.coverOf(node) === node && !page.isRegion(node) ? node : undefined;
  };

  function nodes({ texts, attributes, removes, adds, ...rest }) {
    const known = new Map();
    const isKnownOpen = (id) => {
      if (!known.has(id)) known.set(id, isOpen(id));
      return known.get(id);
    };
    const change = {
      ...rest,
      texts: texts.filter(({ id }) => isKnownOpen(id)),
      attributes: attributes.flatMap((of) => {
        const { srcdoc: _, ...rest } = of.attributes;
        const left = isKnownOpen(of.id) ? rest : fieldOf(of.id) ? only(rest, OF_FIELD) : {};
        return Object.keys(left).length > 0 ? [{ ...of, attributes: left }] : [];
      }),
      removes: removes.filter(({ parentId }) => isKnownOpen(parentId)),
      adds: adds.flatMap((add) =>
        isKnownOpen(add.parentId) ? told(add.node).map((node) => ({ ...add, node })) : []
      ),
    };
    const { length } = [...change.texts, ...change.attributes, ...change.removes, ...change.adds];
    return length > 0 ? change : undefined;
  }
  function input(data) {
    if (isOpen(data.id)) return data;
    const field = fieldOf(data.id);
    return field && !field.matches(TOGGLE)
      ? { ...data, text: page.MARKS, isChecked: false }
      : undefined;
  }
  const ofOpen = (data) => data.id === undefined || isOpen(data.id) ? data : undefined;
  const changes = {
    [CHANGE.nodes]: nodes,
    [CHANGE.input]: input,
    [CHANGE.scroll]: ofOpen,
    [CHANGE.viewport]: (data) => data,
    [CHANGE.rules]: ofOpen,
    [CHANGE.declared]: ofOpen,
    [CHANGE.adopted]: ofOpen,
  };
  const events = {
    [EVENT.full]: (data) => ({ ...data, node: told(data.node)[0] }),
    [EVENT.change]: (data) => changes[data.source]?.(data),
    // A form that was sent may have put what stood in a masked field behind the path.
    [EVENT.meta]: (data) => ({ ...data, href: page.shownUrl(location.origin + location.pathname) }),
  };

  page.recorded = (event) => {
    const data = events[event.type]?.(event.data);
    return data && { ...event, data };
  };
});
