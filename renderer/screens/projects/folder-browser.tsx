import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { ListState } from '../../components/list-state.tsx';
import { useRows } from '../../components/rows.ts';
import { Tag } from '../../components/status.tsx';
import type { FolderListing } from '../../../preload/contract/projects.ts';
import { createResource } from '../../stores/resource.ts';
import { useResource, useStores } from '../../stores/react.ts';

const here = '';

/** Our own folder dialog, where the host has none. Enter goes into a folder; Open takes the one that is shown. */
export function FolderBrowser({
  name,
  why,
  start,
}: {
  name: string | null;
  why: string | null;
  start: string | null;
}) {
  const { client, opening } = useStores();
  const [listings] = useState(() =>
    createResource<FolderListing>(path =>
      client.request('projects.browse', { path: path === here ? null : path }),
    ),
  );
  const [path, setPath] = useState(start ?? here);
  const [typed, setTyped] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const listing = useResource(listings, path);
  const data = listing.data;
  const folders = data?.folders ?? [];
  const suggested = name === null ? null : (folders.find(folder => folder.name === name)?.path ?? null);
  const list = useRef<HTMLUListElement>(null);
  const go = (to: string) => {
    setPath(to);
    setTyped(null);
    setChosen(null);
  };
  const rows = useRows(
    folders.map(folder => folder.path),
    {
      selected: chosen ?? suggested,
      onOpen: go,
      onMove: setChosen,
      onKey: (_, event) => {
        if (event.key !== 'Backspace' || data?.parent == null) return false;
        go(data.parent);
        return true;
      },
    },
  );
  const marked = chosen ?? suggested;
  const taken = marked ?? data?.path ?? null;
  // The list has the focus, so that arrows and Enter walk the folders; a path that is being typed keeps it.
  useEffect(() => {
    const holder = list.current;
    if (data === null || holder === null || document.activeElement instanceof HTMLInputElement) return;
    const rows = [...holder.querySelectorAll<HTMLElement>('[data-row]')];
    (rows.find(row => row.dataset['row'] === suggested) ?? rows[0])?.focus();
  }, [data, suggested]);
  const takenName = taken?.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '') ?? '';

  return (
    <Dialog
      title="Open folder"
      width={720}
      lead={
        why ?? 'A project holds a Dockerfile and Kubernetes manifests, or a ptah.yml. Opening only reads it.'
      }
      onClose={() => opening.cancel()}
      buttons={
        <>
          <span className="mono t2 cut grow">{taken}</span>
          <Button onClick={() => opening.cancel()}>Cancel</Button>
          <Button
            kind="primary"
            off={taken === null && 'No folder is shown'}
            onClick={() => taken !== null && void opening.open(taken)}
          >
            {takenName === '' ? 'Open' : `Open ${takenName}`}
          </Button>
        </>
      }
    >
      <div className="browser">
        <ul className="places" aria-label="Places">
          {(data?.places ?? []).map(place => (
            <li key={place.path}>
              <button
                type="button"
                className="side"
                title={place.path}
                aria-current={place.path === data?.path}
                onClick={() => go(place.path)}
              >
                <Icon name="folder" />
                <span className="name">{place.name}</span>
              </button>
            </li>
          ))}
        </ul>
        <div className="browser-main">
          <div className="row">
            <Button
              small
              icon="chevron-up"
              title="Parent folder"
              off={data?.parent == null && 'This is the top'}
              onClick={() => data?.parent != null && go(data.parent)}
            >
              Up
            </Button>
            <span className="field wide">
              <input
                type="text"
                className="mono"
                spellCheck={false}
                aria-label="Path of the folder"
                value={typed ?? data?.path ?? path}
                onChange={event => setTyped(event.target.value)}
                onKeyDown={event => {
                  if (event.key === 'Enter' && typed !== null) go(typed);
                }}
              />
            </span>
          </div>
          <div className="folders">
            <ListState
              of={listing}
              who="The disk"
              isEmpty={shown => shown.folders.length === 0}
              empty={<p className="t2 pad">No folders in here.</p>}
              onRetry={() => void listings.load(path)}
              onStop={() => listings.stopWaiting(path)}
            >
              {shown => (
                <ul
                  role="listbox"
                  aria-label={`Folders in ${shown.path}`}
                  onKeyDown={rows.onKeyDown}
                  ref={list}
                >
                  {shown.folders.map(folder => (
                    <li
                      key={folder.path}
                      role="option"
                      className={folder.path === marked ? 'folder on' : 'folder'}
                      {...rows.row(folder.path)}
                      onClick={() => setChosen(folder.path)}
                      onDoubleClick={() => go(folder.path)}
                    >
                      <Icon name={folder.isProject ? 'layers' : 'folder'} />
                      <span className="grow cut">{folder.name}</span>{' '}
                      {folder.isProject && <Tag>ptah.yml</Tag>}
                      {!folder.isProject && folder.hasDockerfile && <Tag>Dockerfile</Tag>}
                    </li>
                  ))}
                </ul>
              )}
            </ListState>
          </div>
        </div>
      </div>
    </Dialog>
  );
}
