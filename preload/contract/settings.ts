import { z } from 'zod';
import { event, none, request } from './define.ts';

export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark', 'contrast']),
  kindNodeImage: z.string().max(512).nullable(),
  dockerHost: z.string().max(512).nullable(),
  rolloutTimeoutSeconds: z.number().int().min(10).max(3600),
});
export type Settings = z.infer<typeof settings>;

const sample: Settings = {
  theme: 'system',
  kindNodeImage: null,
  dockerHost: null,
  rolloutTimeoutSeconds: 180,
};

export const requests = {
  'settings.get': request(none, settings, { in: {}, out: sample }),
  'settings.update': request(z.strictObject({ patch: settings.partial().strict() }), settings, {
    in: { patch: { theme: 'dark' } },
    out: { ...sample, theme: 'dark' },
  }),
};

export const events = { 'settings.changed': event(settings, sample) };
