import { expect, test } from 'vitest';
import { kindAndName } from './kind-and-name.ts';

test.each([
  ['deployment/web', 'Deployment', 'web'],
  ['Deployments/web', 'Deployment', 'web'],
  ['deploy/web', 'Deployment', 'web'],
  ['deployment.apps/web', 'Deployment', 'web'],
  ['statefulset/db', 'StatefulSet', 'db'],
  ['sts/db', 'StatefulSet', 'db'],
  ['ds/agent', 'DaemonSet', 'agent'],
  ['jobs.batch/once', 'Job', 'once'],
  ['cj/nightly', 'CronJob', 'nightly'],
  ['pod/web-0', 'Pod', 'web-0'],
  ['po/web-0', 'Pod', 'web-0'],
])('%s names a %s', (text, kind, name) => {
  expect(kindAndName(text)).toEqual({ kind, name });
});

test.each(['web', 'team/web', 'deployment/', '/web', 'registry/team/web', 'constructor/web'])(
  '%s names no kind',
  text => {
    expect(kindAndName(text)).toBeNull();
  },
);
