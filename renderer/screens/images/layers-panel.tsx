import type { ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { Status } from '../../components/status.tsx';
import type { DockerfileAdvice, ImageLayer, ImageLayers } from '../../../preload/contract/image-details.ts';
import { imageKey } from '../../stores/images-by-hand.ts';
import { useResource, useStores } from '../../stores/react.ts';
import { duration } from '../../text/time.ts';
import { count, size } from '../../text/words.ts';

/** What an image is made of, line by line, and what would make the next build quicker. */
export function LayersPanel({
  projectId,
  name,
  panels,
}: {
  projectId: string;
  name: string;
  panels: ReactNode;
}) {
  const { imagesByHand } = useStores();
  const key = imageKey(projectId, name);
  const layers = useResource(imagesByHand.layers, key);
  return (
    <section aria-label={`Layers of ${name}`}>
      <header>
        {panels}
        {layers.data !== null && <Sum layers={layers.data} />}
      </header>
      {/* A block that scrolls has to be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="scroll" tabIndex={0} role="group" aria-label={`Layers and advice on ${name}`}>
        <ListState
          of={layers}
          who="Docker"
          rows={6}
          onRetry={() => void imagesByHand.layers.load(key)}
          onStop={() => imagesByHand.layers.stopWaiting(key)}
        >
          {data => (
            <>
              <Advice dockerfile={data.dockerfile} advice={data.advice} />
              {data.reference === null ? (
                <Empty title="Not built yet" line="Its layers are here as soon as it is built." />
              ) : (
                <Layers layers={data.layers} />
              )}
            </>
          )}
        </ListState>
      </div>
    </section>
  );
}

function Sum({ layers }: { layers: ImageLayers }) {
  if (layers.reference === null) return null;
  return (
    <span className="t3 cut" title={layers.reference}>
      {size(layers.size)}
      {!layers.current && ', the last one that was built: the folder has changed'}
    </span>
  );
}

function Advice({ dockerfile, advice }: { dockerfile: string; advice: readonly DockerfileAdvice[] }) {
  if (advice.length === 0) return null;
  return (
    <ul className="order-advice" aria-label="Advice on the Dockerfile">
      {advice.map(one => (
        <li key={`${one.line} ${one.code}`}>
          <p className="row">
            <Icon name="lightbulb" />
            <b className="b">{one.message}</b>
            <span className="grow" />
            <span className="mono t3 nw">{`${dockerfile}:${one.line}`}</span>
          </p>
          <p className="t2">{coded(one.why)}</p>
          {one.suggestion !== null && (
            <div className="order-lines">
              <pre className="mono">{one.suggestion}</pre>
              <CopyButton text={() => one.suggestion ?? ''} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Between backticks stand words of the Dockerfile. */
const coded = (text: string): ReactNode =>
  text.split('`').map((part, at) =>
    at % 2 === 1 ? (
      // Parts have no identity but their place.
      // oxlint-disable-next-line react/no-array-index-key
      <code key={at} className="mono">
        {part}
      </code>
    ) : (
      part
    ),
  );

function Layers({ layers }: { layers: readonly ImageLayer[] }) {
  const own = layers.filter(({ line }) => line !== null);
  const base = layers.filter(({ line }) => line === null);
  const baseSize = base.reduce((sum, layer) => sum + layer.size, 0);
  const most = Math.max(1, baseSize, ...own.map(layer => layer.size));
  return (
    <table className="list layers" aria-label="Layers">
      <colgroup>
        <col style={{ width: 56 }} />
        <col />
        <col style={{ width: 96 }} />
        <col style={{ width: 168 }} />
      </colgroup>
      <thead>
        <tr>
          <th className="num">Line</th>
          <th>Instruction</th>
          <th className="num">Size</th>
          <th>Last build</th>
        </tr>
      </thead>
      <tbody>
        {base.length > 0 && (
          <tr title={base.map(({ text }) => text).join('\n')}>
            <td className="num t3">–</td>
            <td className="t2">{`The base image, ${count(base.length, 'line')} of its history`}</td>
            <Size bytes={baseSize} most={most} />
            <td />
          </tr>
        )}
        {own.map(layer => (
          <tr key={`${layer.line} ${layer.text}`}>
            <td className="num mono t3">{layer.line}</td>
            <td className="mono" title={layer.text}>
              {layer.text}
            </td>
            <Size bytes={layer.size} most={most} />
            <td>
              {layer.last === 'cached' ? (
                <Status tone="done">Cached</Status>
              ) : layer.last === 'built' ? (
                <Status tone="wait">{`Made anew${layer.durationMs === null ? '' : `, ${duration(layer.durationMs)}`}`}</Status>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A bar beside the number: the large ones are seen without reading. */
function Size({ bytes, most }: { bytes: number; most: number }) {
  return (
    <td className="num layer-size">
      {bytes === 0 ? (
        <span className="t3">–</span>
      ) : (
        <>
          <i aria-hidden="true" style={{ width: `${Math.max(2, (bytes / most) * 100)}%` }} />
          <span>{size(bytes)}</span>
        </>
      )}
    </td>
  );
}
