/** What kubectl calls the kinds that have pods, in the singular. */
const kinds = new Map([
  ['po', 'Pod'],
  ['pod', 'Pod'],
  ['deploy', 'Deployment'],
  ['deployment', 'Deployment'],
  ['sts', 'StatefulSet'],
  ['statefulset', 'StatefulSet'],
  ['ds', 'DaemonSet'],
  ['daemonset', 'DaemonSet'],
  ['job', 'Job'],
  ['cj', 'CronJob'],
  ['cronjob', 'CronJob'],
]);

/** `deployment/web` as kubectl understands it: also in the plural, short, or with its group. Null where it names no kind with pods. */
export function kindAndName(text: string): { readonly kind: string; readonly name: string } | null {
  const [word = '', name = '', ...more] = text.split('/');
  if (name === '' || more.length > 0) return null;
  const [plain = ''] = word.toLowerCase().split('.');
  const kind = kinds.get(plain) ?? kinds.get(plain.replace(/s$/, ''));
  return kind === undefined ? null : { kind, name };
}
