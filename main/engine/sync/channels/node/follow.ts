/** How many components of a path may be links: those of the rule's target. */
export function followUpTo(targets: readonly string[]): (path: string) => number {
  const follows = new Map<string, number>();
  function follow(path: string): number {
    const parts = depth(path);
    let most = -1;
    for (const target of targets)
      if (path === target || path.startsWith(target === '/' ? '/' : `${target}/`))
        most = Math.max(most, depth(target));
    return most < 0 ? parts - 1 : most;
  }
  return path => {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (targets.includes(path)) return follow(path);
    let known = follows.get(parent);
    if (known === undefined) {
      if (follows.size > 10_000) follows.clear();
      known = follow(path);
      // Where no target holds it, all of its directories may be links; its own name may not.
      follows.set(parent, known);
    }
    return known;
  };
}

function depth(path: string): number {
  return path.split('/').filter(part => part !== '').length;
}
