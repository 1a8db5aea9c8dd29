import { describe, expect, it } from 'vitest';
import { levelNames, levelOf } from './levels.ts';

const cases: readonly (readonly [line: string, level: string])[] = [
  // text
  ['ERROR:root:it broke', 'error'],
  ['2026-01-02 03:04:05,678 - app.db - WARNING - slow', 'warn'],
  ['INFO:     10.244.0.1:51234 - "GET /error HTTP/1.1" 200 OK', 'info'],
  ['12:00:00.123 [main] DEBUG c.e.App - start', 'debug'],
  ['12:00:00.123 [http-nio-8080-exec-1] ERROR c.e.Api - failed', 'error'],
  ['2026/01/02 03:04:05 [error] 31#31: *1 open() failed', 'error'],
  ['2026/01/02 03:04:05 [notice] 1#1: start worker processes', 'info'],
  ['2026-01-02  3:04:05 0 [Warning] Access denied', 'warn'],
  ['2026-01-02  3:04:05 0 [Note] mariadbd: ready', 'info'],
  ['2026-01-02 03:04:05 error something odd', 'error'],
  ['[12:00:00 INF] Now listening', 'info'],
  ['[12:00:00 ERR] Unhandled', 'error'],
  ['2026-01-02T03:04:05.678Z\twarn\tcache/cache.go:12\tmiss', 'warn'],
  ['error: no such file', 'error'],
  ['Warning: deprecated', 'warn'],
  ['panic: runtime error: index out of range', 'error'],
  ['Traceback (most recent call last):', 'error'],
  ['sqlalchemy.exc.OperationalError: (2006) gone', 'error'],
  ['Exception in thread "main" java.lang.IllegalStateException', 'error'],
  ['FATAL:  password authentication failed', 'error'],
  ['CRITICAL cannot go on', 'error'],
  ['\u001b[32minfo\u001b[39m: listening', 'info'],
  ['\u001b[31mERROR\u001b[0m boom', 'error'],
  ['TRACE span opened', 'debug'],
  // words that only look like it
  ['GET /error 200', 'none'],
  ['found 0 errors', 'none'],
  ['no error here', 'none'],
  ['terror and information theory', 'none'],
  ['INFORMER started', 'none'],
  ['/var/log/ERROR/x opened', 'none'],
  ['the warning light is on', 'none'],
  ['', 'none'],
  ['hello', 'none'],
  // klog
  ['E0102 03:04:05.678901       1 reflector.go:1] failed', 'error'],
  ['W0102 03:04:05.678901       1 x.go:1] hm', 'warn'],
  ['I0102 03:04:05.678901       1 x.go:1] error count 0', 'info'],
  ['F0102 03:04:05.678901       1 x.go:1] out', 'error'],
  // logfmt
  ['time="2026-01-02T03:04:05Z" level=warning msg="an ERROR in a message"', 'warn'],
  ['level=info msg=ok', 'info'],
  ['ts=1 severity="error" msg=x', 'error'],
  ['lvl=eror msg=x', 'none'],
  // JSON
  ['{"level":"error","msg":"x"}', 'error'],
  ['{"msg":"ERROR in words","level":"info"}', 'info'],
  ['{"severity":"WARNING","message":"x"}', 'warn'],
  ['{"log.level":"debug"}', 'debug'],
  ['{"@l":"Error"}', 'error'],
  ['{"name":"api","level":50,"msg":"x"}', 'error'],
  ['{"level":40}', 'warn'],
  ['{"level":30}', 'info'],
  ['{"level":20}', 'debug'],
  ['{"level":10}', 'debug'],
  ['{"level":3}', 'error'],
  ['{"level":6}', 'info'],
  ['{"msg":"ERROR"}', 'none'],
];

describe('levels', () => {
  it.each(cases)('%j is %s', (line, level) => {
    expect(levelNames[levelOf(line)]).toBe(level);
  });
});
