import { useState, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { useRows } from '../../components/rows.ts';
import { Status, Tag } from '../../components/status.tsx';
import type { HeldTag } from '../../../preload/contract/image-details.ts';
import { useNow, useResource, useStores } from '../../stores/react.ts';
import type { ImageTags } from '../../stores/images-by-hand.ts';
import { when } from '../../text/time.ts';
import { count, joined, size } from '../../text/words.ts';
import { tagOf } from './image-row.tsx';
import { RemoveTagsDialog } from './remove-tags-dialog.tsx';

/** What Docker holds of the project beside the images of the folder as it is, and what still needs it. */
export function TagsPanel({ projectId, panels }: { projectId: string; panels: ReactNode }) {
  const { imagesByHand } = useStores();
  const tags = useResource(imagesByHand.tags, projectId);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const free = (tags.data?.tags ?? []).filter(({ keep }) => keep === null);
  const going = free.filter(({ reference }) => chosen.has(reference));
  const sum = tags.data === null ? '' : `${count(free.length, 'old tag')} that nothing needs`;
  return (
    <section aria-label="Old tags">
      <header>
        {panels}
        <span className="t3 cut counts" title={sum}>
          {sum}
        </span>
        {free.length > 0 && (
          <Button
            small
            kind="quiet"
            onClick={() =>
              setChosen(
                going.length === free.length ? new Set() : new Set(free.map(({ reference }) => reference)),
              )
            }
          >
            {going.length === free.length ? 'Choose none' : 'Choose all'}
          </Button>
        )}
        <Button
          small
          icon="trash-2"
          off={going.length === 0 && 'Choose tags first'}
          onClick={() => setAsking(true)}
        >
          {going.length === 0 ? 'Remove' : `Remove ${going.length}`}
        </Button>
      </header>
      <div className="scroll">
        <ListState
          of={tags}
          who="Docker"
          rows={4}
          isEmpty={data => data.tags.length === 0}
          empty={<Empty title="Nothing is built" line="Docker holds no image of this project." />}
          onRetry={() => void imagesByHand.tags.load(projectId)}
          onStop={() => imagesByHand.tags.stopWaiting(projectId)}
        >
          {data => <TagTable data={data} chosen={chosen} onChoose={setChosen} />}
        </ListState>
      </div>
      {asking && going.length > 0 && (
        <RemoveTagsDialog
          projectId={projectId}
          tags={going}
          onClose={() => {
            setAsking(false);
            void imagesByHand.tags.load(projectId);
          }}
        />
      )}
    </section>
  );
}

function TagTable({
  data,
  chosen,
  onChoose,
}: {
  data: ImageTags;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}) {
  const now = useNow(true, 30_000);
  const toggle = (reference: string) => {
    const next = new Set(chosen);
    if (!next.delete(reference)) next.add(reference);
    onChoose(next);
  };
  const rows = useRows(
    data.tags.map(({ reference }) => reference),
    {
      onKey(reference, event) {
        if (event.key !== ' ') return false;
        if (data.tags.some(tag => tag.reference === reference && tag.keep === null)) toggle(reference);
        return true;
      },
    },
  );
  return (
    <>
      {data.unasked !== null && (
        <div className="strip warn">
          <Status tone="warn">{`Pods and nodes were not asked: ${data.unasked}`}</Status>
        </div>
      )}
      <table className="list tags" role="grid" aria-label="Tags of the project" onKeyDown={rows.onKeyDown}>
        <colgroup>
          <col style={{ width: '31%' }} />
          <col style={{ width: 76 }} />
          <col style={{ width: 132 }} />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th>Tag</th>
            <th className="num">Size</th>
            <th>Made</th>
            <th>Needed by</th>
          </tr>
        </thead>
        <tbody>
          {data.tags.map(tag => (
            <tr key={tag.reference} {...rows.row(tag.reference)} aria-label={tag.reference}>
              <td title={`${tag.reference}\n${tag.id}${tag.digest === null ? '' : `\ndigest ${tag.digest}`}`}>
                <label className="row tight">
                  <input
                    type="checkbox"
                    tabIndex={-1}
                    aria-label={`Remove ${tag.reference}`}
                    disabled={tag.keep !== null}
                    checked={tag.keep === null && chosen.has(tag.reference)}
                    onChange={() => toggle(tag.reference)}
                  />
                  <span className="b">{tag.image}</span>
                  <Tag fresh={tag.current}>{nameOfTag(tag)}</Tag>
                </label>
              </td>
              <td className="num">{size(tag.size)}</td>
              <td>{when(Date.parse(tag.createdAt), now)}</td>
              <td className="cut" title={tag.keep ?? neededByNothing(tag)}>
                <NeededBy tag={tag} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** An image whose name went to another one has its ID alone. */
export const nameOfTag = ({ reference, id }: HeldTag): string =>
  reference === id ? id.replace(/^sha256:/, '').slice(0, 12) : tagOf(reference);

function NeededBy({ tag }: { tag: HeldTag }) {
  const { current, pods, containers } = tag;
  if (current) return <Status tone="ok">The folder as it is</Status>;
  if (pods.length > 0) return <Status tone="ok">{joined(pods)}</Status>;
  if (containers.length > 0) return <Status tone="ok">{`container ${joined(containers)}`}</Status>;
  return <span className="t3">{neededByNothing(tag)}</span>;
}

const neededByNothing = ({ nodes }: HeldTag): string =>
  nodes.length === 0 ? 'nothing' : `nothing; a copy is on ${count(nodes.length, 'node')}`;
