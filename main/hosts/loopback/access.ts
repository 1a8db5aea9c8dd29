import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Who may talk to the loopback server: whoever knows the printed address, from a page of this very server. */
export interface Access {
  /** 256 bits, in the address that is printed. It opens one window; then there is another. */
  ticket(): string;
  /** Null when the request is what it should be, else why not. Not yet whether it has the cookie. */
  refuse(headers: IncomingHttpHeaders, needsOrigin: boolean): string | null;
  /** Whether it is the ticket, which is used up by that. */
  redeem(value: string | null): boolean;
  hasCookie(headers: IncomingHttpHeaders): boolean;
  setCookie(): string;
}

export function createAccess(port: number): Access {
  // The address stands in the browser's command line, which every user of the machine can read, and in its history. So its secret is
  // good for one exchange, and the session is another.
  let ticket = secret();
  const session = secret();
  // cookies are shared by all ports of a host, so each server has a name of its own
  const name = `ptah-${port}`;
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return {
    ticket: () => ticket,
    refuse(headers, needsOrigin) {
      // a name that an attacker's DNS points at this machine arrives in `Host`
      if (headers.host === undefined || !hosts.has(headers.host.toLowerCase())) return 'host';
      const origin = headers.origin;
      if (origin === undefined) return needsOrigin ? 'origin' : null;
      return origin === `http://${headers.host.toLowerCase()}` ? null : 'origin';
    },
    redeem(value) {
      if (value === null || !same(value, ticket)) return false;
      ticket = secret();
      return true;
    },
    hasCookie(headers) {
      return (headers.cookie ?? '')
        .split(';')
        .map(part => part.trim())
        .some(part => part.startsWith(`${name}=`) && same(part.slice(name.length + 1), session));
    },
    setCookie: () => `${name}=${session}; HttpOnly; SameSite=Strict; Path=/`,
  };
}

const secret = () => randomBytes(32).toString('base64url');

/** In constant time, whatever the lengths. */
function same(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
