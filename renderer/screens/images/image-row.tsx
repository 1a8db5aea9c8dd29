import { Icon, type Tone } from '../../components/icon.tsx';
import type { RowProps } from '../../components/rows.ts';
import { Squares, Status, Tag } from '../../components/status.tsx';
import { ScopeSwitch } from '../../shell/sync/scope-switch.tsx';
import type { ImageState } from '../../../preload/contract/images.ts';
import { duration, when } from '../../text/time.ts';
import { size } from '../../text/words.ts';

export const imageStates: Record<ImageState['state'], readonly [Tone, string]> = {
  current: ['ok', 'Current'],
  stale: ['warn', 'Stale'],
  building: ['working', 'Building'],
  failed: ['bad', 'Failed'],
  unknown: ['stopped', 'Unknown'],
};
export const tagOf = (reference: string): string => reference.slice(reference.lastIndexOf(':') + 1);

export function ImageRow({
  projectId,
  image,
  now,
  row,
  onSelect,
}: {
  projectId: string;
  image: ImageState;
  now: number;
  row: RowProps;
  onSelect: () => void;
}) {
  const [tone, word] = imageStates[image.state];
  const loaded = image.nodes.filter(node => node.loaded).length;
  const why =
    image.reason?.message ??
    (image.built === null ? '' : `unchanged since ${when(Date.parse(image.built.createdAt), now)}`);
  const error = image.problems.find(problem => problem.severity === 'error');
  return (
    <tr {...row} aria-label={image.name} className="opens" onClick={onSelect}>
      <td>
        <div className="row">
          <Icon name="layers" />
          <span className="b">{image.name}</span>
          <span className="mono t3 cut" title={image.dockerfile}>
            {image.dockerfile}
          </span>
        </div>
      </td>
      <td title={image.reference}>
        <Tag fresh={image.state !== 'current'}>{tagOf(image.reference)}</Tag>
        {image.previousReference !== null && (
          <span className="t3">
            {' was '}
            <span className="mono">{tagOf(image.previousReference)}</span>
          </span>
        )}
      </td>
      <td title={error?.message ?? why}>
        {error === undefined ? (
          <>
            <Status tone={tone}>{word}</Status>&ensp;
            <span className="t2">{why}</span>
          </>
        ) : (
          <Status tone="bad">{error.message}</Status>
        )}
      </td>
      <td className="num wide-only">
        {image.built === null ? <span className="t3">–</span> : size(image.built.size)}
      </td>
      <td className="num wide-only">
        {image.lastBuild === null ? <span className="t3">–</span> : duration(image.lastBuild.durationMs)}
      </td>
      <td className="spaced">
        {image.nodes.length === 0 ? (
          <span className="t3">No nodes yet</span>
        ) : (
          <>
            <Squares
              states={image.nodes.map(node => (node.loaded ? 'ok' : 'none'))}
              label={image.nodes
                .map(node => `${node.node}: ${node.loaded ? 'loaded' : 'not loaded'}`)
                .join(', ')}
            />
            &ensp;
            {`${loaded} of ${image.nodes.length} ${image.nodes.length === 1 ? 'node' : 'nodes'}`}
          </>
        )}
      </td>
      <td className="sync-cell">
        <ScopeSwitch
          projectId={projectId}
          scope={{ level: 'image', image: image.name }}
          label={`Sync of image ${image.name}`}
          otherwise="No sync"
          tabIndex={-1}
        />
      </td>
    </tr>
  );
}
