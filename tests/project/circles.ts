import type { Arrow } from "./module_graph.ts";

/**
 * The circles in which files import each other, each as the names of its files in order. A file that
 * imports itself is one, too.
 */
export function circlesOf(arrows: readonly Arrow[]): string[][] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of arrows) {
    targets.set(from, (targets.get(from) ?? new Set()).add(to));
  }
  const reached = new Map([...targets.keys()].map((file) => [file, reachedFrom(file, targets)]));
  const circles = [...reached].filter(([file, reach]) => reach.has(file)).map(([file, reach]) =>
    [...reach].filter((other) => reached.get(other)?.has(file)).sort()
  );
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()];
}

/** All that a file imports, and what that imports, and so on. */
function reachedFrom(file: string, targets: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reached = new Set<string>();
  const open = [file];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const target of targets.get(next) ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      open.push(target);
    }
  }
  return reached;
}
