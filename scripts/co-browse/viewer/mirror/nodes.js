/** Nodes of the mirrored page by the numbers that their recorder gave them, and back. */
export class Nodes {
  #byId = new Map();
  #ids = new WeakMap();

  add(id, node) {
    this.#byId.set(id, node);
    this.#ids.set(node, id);
  }

  get(id) {
    return this.#byId.get(id);
  }

  idOf(node) {
    return this.#ids.get(node);
  }

  /** Forgets a node and all that is in it. */
  remove(node) {
    const id = this.#ids.get(node);
    if (id !== undefined) this.#byId.delete(id);
    for (const child of node.shadowRoot?.childNodes ?? []) this.remove(child);
    for (const child of node.childNodes) this.remove(child);
  }

  clear() {
    this.#byId.clear();
    this.#ids = new WeakMap();
  }
}
