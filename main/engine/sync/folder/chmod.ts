/** Applies `--chmod` as the build does: octal, or symbolic (`u=rwX,go=rX`, Dockerfile 1.14); what can't be read changes nothing. */
export function applyChmod(chmod: string, mode: number, directory: boolean): number {
  if (/^0?[0-7]{1,4}$/.test(chmod)) return Number.parseInt(chmod, 8);
  let result = mode;
  for (const clause of chmod.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause);
    if (match === null) return mode;
    const [, who = '', operator, letters = ''] = match;
    const all = who === '' || who.includes('a') ? 'ugo' : who;
    let bits = 0;
    let mask = 0;
    for (const [letter, shift] of [
      ['u', 6],
      ['g', 3],
      ['o', 0],
    ] as const) {
      if (!all.includes(letter)) continue;
      mask |= 7 << shift;
      const executable =
        letters.includes('x') || (letters.includes('X') && (directory || (mode & 0o111) !== 0));
      const each = (letters.includes('r') ? 4 : 0) | (letters.includes('w') ? 2 : 0) | (executable ? 1 : 0);
      bits |= each << shift;
    }
    if (letters.includes('s')) bits |= (all.includes('u') ? 0o4000 : 0) | (all.includes('g') ? 0o2000 : 0);
    if (letters.includes('t')) bits |= 0o1000;
    result = operator === '+' ? result | bits : operator === '-' ? result & ~bits : (result & ~mask) | bits;
  }
  return result;
}
