import type { SyncImage } from '../../../../preload/contract/sync.ts';
import { Icon } from '../../../components/icon.tsx';

/** `api/app/ → /srv/app`, with the line of the Dockerfile that says so. */
export function FolderRules({
  image,
  context,
  dockerfile,
}: {
  image: SyncImage;
  context: string | null;
  dockerfile: string | null;
}) {
  if (image.rules.length === 0) {
    return (
      <>
        <dt>Folder</dt>
        <dd className="wraps t2">No COPY or ADD of its Dockerfile takes files of the folder.</dd>
      </>
    );
  }
  return image.rules.map((rule, index) => (
    <div key={`${rule.line} ${rule.source} ${rule.target}`} className="contents">
      <dt>{index === 0 ? 'Folder' : ''}</dt>
      <dd className="rule" title={titleOf(rule, dockerfile)}>
        <span className="mono cut">{inProject(context, rule.source, rule.kind)}</span>
        <Icon name="arrow-right" size={12} />
        <span className="mono cut">{rule.target}</span>
        <span className="t3 nw">{`line ${rule.line}`}</span>
      </dd>
    </div>
  ));
}

function inProject(context: string | null, source: string, kind: 'file' | 'directory'): string {
  const path = [context === '.' ? null : context, source === '.' ? null : source].filter(Boolean).join('/');
  if (path === '') return './';
  return kind === 'directory' ? `${path}/` : path;
}

function titleOf(rule: SyncImage['rules'][number], dockerfile: string | null): string {
  const options = [
    rule.chown === null ? null : `--chown=${rule.chown}`,
    rule.chmod === null ? null : `--chmod=${rule.chmod}`,
  ].filter(Boolean);
  return [`${dockerfile ?? 'Dockerfile'}:${rule.line}`, ...options, `${rule.source} to ${rule.target}`].join(
    ' ',
  );
}
