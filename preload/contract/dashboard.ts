import { z } from 'zod';
import { request, text, time } from './define.ts';

export const dashboardPlace = z.object({
  service: z.object({ namespace: z.string(), name: z.string(), port: z.number() }).nullable(),
  user: z.object({ namespace: z.string(), name: z.string() }).nullable(),
  /** What is missing, in a sentence; null where nothing is. */
  missing: z.string().nullable(),
});
export type DashboardPlace = z.infer<typeof dashboardPlace>;

const place = {
  service: { namespace: 'kubernetes-dashboard', name: 'kubernetes-dashboard', port: 443 },
  user: { namespace: 'kube-system', name: 'dashboard-admin' },
  missing: null,
};

export const requests = {
  'dashboard.find': request(z.strictObject({ projectId: text }), dashboardPlace, {
    in: { projectId: 'p-1' },
    out: place,
  }),
  /**
   * The page on this machine and a token for its account. `lasting`: at `api_server.port`, for as long as that is forwarded.
   * A process that has a clipboard puts the token there for 60 s, and does not give it away: then it is null.
   */
  'dashboard.open': request(
    z.strictObject({ projectId: text, lasting: z.boolean() }),
    z.object({ url: z.string(), token: z.string().nullable(), expiresAt: time }),
    {
      in: { projectId: 'p-1', lasting: false },
      out: {
        url: 'http://127.0.0.1:41234/abc/',
        token: 'eyJ.e30.c2ln',
        expiresAt: '2026-01-02T03:19:05.000Z',
      },
    },
  ),
  /** Writes the example's dashboard for this project's cluster as a project of its own, to be opened and deployed. */
  'dashboard.example': request(z.strictObject({ projectId: text }), z.object({ root: z.string() }), {
    in: { projectId: 'p-1' },
    out: { root: '/home/me/.config/ptah-desktop/dashboards/dev' },
  }),
};
