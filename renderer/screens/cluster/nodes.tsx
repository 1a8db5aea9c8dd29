import { useState } from 'react';
import { useRows } from '../../components/rows.ts';
import { SearchField } from '../../components/search-field.tsx';
import { Status } from '../../components/status.tsx';
import type { ClusterState } from '../../stores/stores.ts';
import { count, size } from '../../text/words.ts';

type Node = ClusterState['nodes'][number];

/** The nodes, and what the chosen one holds. */
export function Nodes({ nodes }: { nodes: readonly Node[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const selected = nodes.find(node => node.name === chosen) ?? nodes[0] ?? null;
  const rows = useRows(
    nodes.map(node => node.name),
    { selected: selected?.name ?? null, onMove: setChosen, onOpen: setChosen },
  );
  return (
    <>
      <section className="panel" aria-label="Nodes">
        <header>
          <h2>Nodes</h2>
          <span className="t3">{count(nodes.length, 'node')}</span>
        </header>
        <table className="list boxed" role="grid" aria-label="Nodes" onKeyDown={rows.onKeyDown}>
          <thead>
            <tr>
              <th>Name</th>
              <th>Role</th>
              <th>State</th>
              <th>Kubernetes</th>
              <th className="num">Images</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map(node => (
              <tr
                key={node.name}
                {...rows.row(node.name)}
                className="opens"
                onClick={() => setChosen(node.name)}
              >
                <td className="mono" title={node.name}>
                  {node.name}
                </td>
                <td>{node.role}</td>
                <td>
                  {node.running ? (
                    <Status tone="ok">Running</Status>
                  ) : (
                    <Status tone="stopped">Stopped</Status>
                  )}
                </td>
                <td>{node.kubernetesVersion ?? '–'}</td>
                <td className="num">{node.images === null ? '–' : node.images.length}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {selected !== null && <NodeImages key={selected.name} node={selected} />}
    </>
  );
}

function NodeImages({ node }: { node: Node }) {
  const [filter, setFilter] = useState('');
  const [all, setAll] = useState(false);
  const images = node.images ?? [];
  const shown = images
    .filter(image => (all || image.ours) && image.reference.toLowerCase().includes(filter.toLowerCase()))
    .toSorted((a, b) => Number(b.ours) - Number(a.ours) || a.reference.localeCompare(b.reference));
  const ours = images.filter(image => image.ours).length;
  return (
    <section className="panel" aria-label={`Images on ${node.name}`}>
      <header>
        <h2>
          Images on <span className="mono">{node.name}</span>
        </h2>
        <span className="t3">{`${ours} of this project, ${images.length} in all`}</span>
        <span className="grow" />
        <label className="row">
          <input type="checkbox" checked={all} onChange={event => setAll(event.target.checked)} />
          Show all
        </label>
        <SearchField label="Filter images" width={180} value={filter} onChange={setFilter} />
      </header>
      {node.images === null ? (
        <p className="t2 pad">The node does not answer.</p>
      ) : shown.length === 0 ? (
        <p className="t2 pad">
          {ours === 0 && !all ? 'No image of this project yet. Deploy loads them.' : 'No image of that name.'}
        </p>
      ) : (
        <table className="list boxed">
          <colgroup>
            <col />
            <col style={{ width: 120 }} />
            <col style={{ width: 200 }} />
            <col style={{ width: 90 }} />
          </colgroup>
          <tbody>
            {shown.map(image => (
              <tr key={`${image.reference} ${image.id}`}>
                <td className="mono" title={image.reference}>
                  {image.reference}
                </td>
                <td>{image.ours && <Status tone="ok">Built here</Status>}</td>
                <td className="mono t3" title={image.id}>
                  {image.id.replace(/^sha256:/, '').slice(0, 12)}
                </td>
                <td className="num">{size(image.size)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
