import type { LogLevel } from './types.ts';

/** Levels as the line tables keep them. */
export const levelNames = ['none', 'error', 'warn', 'info', 'debug'] as const satisfies readonly LogLevel[];

const NONE = 0;
const ERROR = 1;
const WARN = 2;
const INFO = 3;
const DEBUG = 4;

/** So much of a line's beginning is looked at; JSON may have its level after a long message. */
export const LEVEL_HEAD = 256;
export const JSON_HEAD = 4_096;

// oxlint-disable-next-line no-control-regex -- colour codes are control characters
const COLOURS = /\u001b\[[0-9;:]*m/g;
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d/;
const JSON_LEVEL =
  /"(?:level|lvl|severity|severityText|log\.level|@level|levelname|level_name|loglevel|LogLevel|@l)"\s*:\s*(?:"([A-Za-z]+)"|(\d+))/i;
const LOGFMT = /(?:^|\s)(?:level|lvl|severity|loglevel)=["']?([A-Za-z]+)/i;
// in capitals a level stands for itself wherever it stands alone; a path or an assignment is another thing
const CAPITALS =
  /(?<![\w$/.=-])(?:(FATAL|PANIC|CRITICAL|CRIT|EMERGENCY|EMERG|ALERT|SEVERE|ERROR|ERR|FTL)|(WARNING|WARN|WRN)|(INFORMATION|INFO|INF|NOTICE)|(DEBUG|DBG|TRACE|TRC|VERBOSE|FINEST|FINER|FINE))(?![\w/=])/;
// in small letters it needs a place that makes it one: brackets, columns, the beginning, or right after the time
const PLACED =
  /(?:[[(<|\t]\s*|^(?:[\d:.,TZ+/\- ]*\d[TZ]?\s+)?)(fatal|panic|critical|crit|emergency|emerg|alert|severe|error|err|warning|warn|information|info|notice|note|debug|trace|verbose)(?=\s*[\])>|:\t])/i;
const AFTER_TIME =
  /^[\d:.,TZ+/\- ]*\d[TZ]?\s+(fatal|panic|critical|error|warning|warn|info|notice|debug|trace)\s/i;
const THROWN =
  /^Traceback \(most recent call last\)|(?:^|[\s.])\w*(?:Error|Exception)(?=:|\s*$)|^Exception in /;

/** The level that a line says it has. `head` is its beginning: of JSON more than of text. */
export function levelOf(head: string): number {
  const text = head.includes('\u001b') ? head.replace(COLOURS, '') : head;
  if (text.startsWith('{')) {
    const found = JSON_LEVEL.exec(text);
    if (found?.[1] !== undefined) return levelOfWord(found[1]);
    if (found?.[2] !== undefined) return levelOfNumber(Number(found[2]));
    return NONE;
  }
  const klog = KLOG.exec(text);
  if (klog) return { I: INFO, W: WARN, E: ERROR, F: ERROR }[klog[1] ?? ''] ?? NONE;
  const short = text.length > LEVEL_HEAD ? text.slice(0, LEVEL_HEAD) : text;
  const logfmt = short.includes('=') ? LOGFMT.exec(short) : null;
  if (logfmt) return levelOfWord(logfmt[1] ?? '');
  const capitals = CAPITALS.exec(short);
  // most lines begin with theirs
  const placed = capitals?.index === 0 ? null : (PLACED.exec(short) ?? AFTER_TIME.exec(short));
  if (placed && (!capitals || placed.index <= capitals.index)) return levelOfWord(placed[1] ?? '');
  if (capitals) return capitals[1] ? ERROR : capitals[2] ? WARN : capitals[3] ? INFO : DEBUG;
  return THROWN.test(short) ? ERROR : NONE;
}

const words: ReadonlyMap<string, number> = new Map(
  (
    [
      ['e err error fatal ftl panic dpanic crit critical emerg emergency alert severe', ERROR],
      ['w wrn warn warning', WARN],
      ['i inf info information informational notice note default log', INFO],
      ['d dbg debug t trc trace verbose silly finest finer fine', DEBUG],
    ] as const
  ).flatMap(([names, level]) => names.split(' ').map(name => [name, level] as const)),
);

const levelOfWord = (word: string): number => words.get(word.toLowerCase()) ?? NONE;

/** bunyan and pino count 10 to 60 upwards; syslog 0 to 7 downwards. */
function levelOfNumber(level: number): number {
  if (level <= 7) return level <= 3 ? ERROR : level === 4 ? WARN : level <= 6 ? INFO : DEBUG;
  return level >= 50 ? ERROR : level >= 40 ? WARN : level >= 30 ? INFO : level >= 10 ? DEBUG : NONE;
}
