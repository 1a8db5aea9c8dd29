/** Linux' error numbers (the container's, not those of the machine that we run on). */
const names: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  5: 'EIO',
  13: 'EACCES',
  16: 'EBUSY',
  17: 'EEXIST',
  18: 'EXDEV',
  20: 'ENOTDIR',
  21: 'EISDIR',
  22: 'EINVAL',
  24: 'EMFILE',
  26: 'ETXTBSY',
  27: 'EFBIG',
  28: 'ENOSPC',
  30: 'EROFS',
  36: 'ENAMETOOLONG',
  39: 'ENOTEMPTY',
  40: 'ELOOP',
  116: 'ESTALE',
  122: 'EDQUOT',
};

export function errnoName(number: number): string {
  return names[number] ?? `E${number}`;
}

/** How tools and shells word an error (glibc's `strerror`, musl's, and what dash makes of it). */
const wordings: readonly (readonly [RegExp, string])[] = [
  [/no space left on device/i, 'ENOSPC'],
  [/read-only file system/i, 'EROFS'],
  [/quota exceeded/i, 'EDQUOT'],
  [/permission denied/i, 'EACCES'],
  [/operation not permitted/i, 'EPERM'],
  [/not a directory/i, 'ENOTDIR'],
  [/is a directory/i, 'EISDIR'],
  [/directory not empty/i, 'ENOTEMPTY'],
  [/resource busy/i, 'EBUSY'],
  [/text file busy/i, 'ETXTBSY'],
  [/file ?name too long/i, 'ENAMETOOLONG'],
  [/symbolic links?|symbolic link loop/i, 'ELOOP'],
  [/file exists/i, 'EEXIST'],
  [/no such file|nonexistent/i, 'ENOENT'],
  [/i\/o error|input\/output error/i, 'EIO'],
  [/invalid (user|group)|unknown (user|group)|invalid argument/i, 'EINVAL'],
  [/(not found|applet)/i, 'ENOSYS'],
];

export function errnoOf(output: string): string {
  return wordings.find(([wording]) => wording.test(output))?.[1] ?? 'EIO';
}

/** One number per name, the same on all architectures that containers run on. */
const signals =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

/** `SIGHUP`, `hup` or `1` → 1; null for what is none. */
export function signalNumber(name: string): number | null {
  const number = /^\d+$/.test(name)
    ? Number(name)
    : signals.indexOf(name.toUpperCase().replace(/^SIG/, '')) + 1;
  return number >= 1 && number <= 64 ? number : null;
}
