// What stands in masked fields, so that it is replaced wherever the page has copied it to.
((page) => {
  const MARKS = "••••••••";
  // Shorter ones stand in every text by accident.
  const MIN_SECRET = 4;
  const MAX_SECRET = 10_000;
  const MAX_SECRETS = 500;
  const MAX_NAMES = 500;
  const MAX_NAME = 1_000;
  const NO_TEXT = /^(?:checkbox|radio|file|button|submit|reset|image)$/;
  const { fields, open, names, secrets, values } = page.memory;

  const withForms = (text) => {
    const sound = text.toWellFormed();
    const encoded = encodeURIComponent(sound);
    const capitals = text.toUpperCase();
    return [
      ...[text, JSON.stringify(text).slice(1, -1)],
      ...[encoded, encodeURI(sound), encoded.replaceAll("%20", "+")],
      // Where one letter becomes two (ß), no comparison without case finds them.
      ...(capitals.length === text.length ? [] : [capitals]),
    ];
  };
  // As it is and without blanks around it, each as JSON and as addresses have it.
  const formsOf = (secret) => {
    const trimmed = secret.trim();
    const texts = trimmed.length < MIN_SECRET ? [secret] : [secret, trimmed];
    return [...new Set(texts.flatMap(withForms))];
  };
  const newest = (map, key, value) => {
    map.delete(key);
    map.set(key, value);
    if (map.size > MAX_SECRETS) map.delete(map.keys().next().value);
  };
  const isField = (element) => page.matches(element, page.FIELD);
  function textIn(element) {
    if (!isField(element)) return element.textContent;
    return NO_TEXT.test(element.type) ? "" : element.value;
  }
  function remember(element) {
    if (!isField(element) && !element.isContentEditable) return;
    fields.add(element);
    const { name } = element;
    const isName = typeof name === "string" && name !== "" && name.length <= MAX_NAME;
    if (isName && !names.has(name) && names.size < MAX_NAMES) {
      names.add(name);
      page.report({ type: "masked-name", name });
    }
    const text = textIn(element);
    if (text.length < MIN_SECRET || text.length > MAX_SECRET) return;
    newest(secrets, text, secrets.get(text) ?? formsOf(text));
    newest(values, element, text);
    page.cover?.(element);
  }
  // What stood in masked fields of the document before, and came into its address.
  function know(texts) {
    for (const text of texts) {
      if (text.length < MIN_SECRET || text.length > MAX_SECRET) continue;
      newest(secrets, text, formsOf(text));
    }
    return true;
  }
  // Some pages show a password by another field of the same value. The person's own is none.
  const bare = (text) => text.trim().toUpperCase();
  const isCopy = (element) => {
    if (!isField(element) || open.has(element)) return false;
    const text = bare(textIn(element));
    return text.length >= MIN_SECRET && [...values.values()].some((value) => bare(value) === text);
  };

  // Card and account numbers are shown in groups.
  const groupedForm = (secret) => {
    const letters = secret.replaceAll(/[\s-]/g, "");
    return /^[a-z0-9]{4,64}$/i.test(letters)
      ? [new RegExp([...letters].join("[\\s-]?"), "gi")]
      : [];
  };
  const forms = () => [
    ...[...new Set(values.values())].flatMap(groupedForm),
    ...[...secrets.values()].flat().sort((a, b) => b.length - a.length),
  ];
  // Fields and pages turn small letters into capitals, so in all this case is nothing.
  const findsIn = (text) => {
    const capitals = text.toUpperCase();
    return (form) =>
      typeof form === "string" ? capitals.includes(form.toUpperCase()) : text.search(form) !== -1;
  };
  const patternOf = (form) =>
    typeof form === "string"
      ? new RegExp(form.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&"), "gi")
      : form;
  const without = (text, patterns) =>
    patterns.reduce((rest, pattern) => rest.replaceAll(pattern, MARKS), text);

  // Words of our own and of rrweb, unless an attribute of the page's is called so.
  const OWN = new Set(["type", "document", "token", "tagName"]);
  // Whatever leaves the page, as JSON. Replaced in texts alone, as the same letters stand in numbers
  // by accident.
  function toText(told) {
    page.lookAgain();
    const text = JSON.stringify(told);
    const inJson = (form) => typeof form === "string" ? JSON.stringify(form).slice(1, -1) : form;
    const isFound = findsIn(text);
    const found = forms().filter((form) => isFound(inJson(form))).map(patternOf);
    if (found.length === 0) return text;
    const ofPage = new WeakSet();
    return JSON.stringify(told, function (key, value) {
      if (key === "attributes" && value) ofPage.add(value);
      const isText = typeof value === "string" && (!OWN.has(key) || ofPage.has(this));
      return isText ? without(value, found) : value;
    });
  }

  const decoded = (text) => {
    try {
      return decodeURIComponent(text.replaceAll("+", " "));
    } catch {
      return text;
    }
  };
  // An address without them, however it says them.
  function shownUrl(href) {
    page.lookAgain();
    const all = forms();
    const tells = (text) => [text, decoded(text)].map(findsIn).some((isFound) => all.some(isFound));
    if (!/^https?:/.test(href)) return href;
    const { origin, pathname, search, hash } = new URL(href);
    const rest = pathname + search + hash;
    if (!tells(rest)) return href;
    const shown = rest.replace(/[^/?#&=]+/g, (part) => tells(part) ? encodeURI(MARKS) : part);
    return origin + (tells(shown) ? "/" : shown);
  }

  // Before it goes there: the document that it comes to does not know what stood here.
  navigation.addEventListener("navigate", ({ destination: { url } }) => {
    const shown = page.isTop ? shownUrl(url) : url;
    if (shown !== url) page.report({ type: "masked-url", url, shown });
  });

  Object.assign(page, { MARKS, remember, know, isCopy, toText, shownUrl });
});
