import { useEffect, useState } from 'react';
import { Icon } from '../components/icon.tsx';
import { mostEntries } from '../stores/opening.ts';
import { useStores } from '../stores/react.ts';

/** A folder may be dropped anywhere in the window. Dropping only reads it. */
export function DropTarget() {
  const { client, opening, toasts } = useStores();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      const [item, ...others] = [...(event.dataTransfer?.items ?? [])].filter(one => one.kind === 'file');
      if (item === undefined) return;
      // The list is emptied when the handler returns: entry and file have to be taken now.
      const entry = item.webkitGetAsEntry();
      const file = item.getAsFile();
      const path = file === null ? null : client.pathOfDropped(file);
      if (others.length > 0) {
        toasts.show({
          key: 'drop',
          tone: 'warn',
          title: 'One folder at a time',
          line: 'The first one is opened.',
          action: null,
        });
      }
      if (entry !== null && !entry.isDirectory) {
        toasts.show({
          key: 'drop',
          tone: 'warn',
          title: `${entry.name} is a file`,
          line: 'Drop the folder that holds it.',
          action: { label: 'Open folder…', run: () => void opening.choose() },
        });
      } else if (path !== null && path !== '') {
        void opening.open(path);
      } else if (entry !== null && isDirectory(entry)) {
        void namesIn(entry).then(entries => opening.openDropped({ name: entry.name, entries }));
      }
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [client, opening, toasts]);
  if (!over) return null;
  return (
    <div className="drop-veil" aria-hidden="true">
      <div className="drop">
        <Icon name="folder-plus" className="empty-icon" />
        <span className="empty-title">Drop to open the folder</span>
        <span className="t2">Dropping only reads it.</span>
      </div>
    </div>
  );
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** The names in a dropped folder. A reader gives at most a hundred at a time, and nothing when it is done. */
export async function namesIn(directory: FileSystemDirectoryEntry): Promise<readonly string[]> {
  const reader = directory.createReader();
  const names: string[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    }).catch(() => []);
    if (batch.length === 0 || names.length >= mostEntries) return names;
    names.push(...batch.map(entry => entry.name));
  }
}
