import { createHash, hash } from 'node:crypto';
import type { ContentIndex } from '../../content/index.ts';

/** As the content index takes it; one name, so that what a listing has read is known here too. */
export const SHA256: Parameters<ContentIndex['readNow']>[2] = {
  name: 'sha256',
  everywhere: true,
  once: data => hash('sha256', data, 'hex'),
  start() {
    const running = createHash('sha256');
    return { update: bytes => running.update(bytes), finish: () => running.digest('hex') };
  },
};
