import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';

const mostShown = 4_000;

/** Asked where the shell runs each line of a paste at once. No key but those of its buttons pastes. */
export function PasteDialog({
  text,
  lines,
  onPaste,
  onClose,
}: {
  text: string;
  lines: number;
  onPaste: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog
      title={`Paste ${lines} lines?`}
      tone="warn"
      lead="This shell takes no paste as a whole: it runs each line as it comes."
      scrolls
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            onClick={() => {
              onPaste();
              onClose();
            }}
          >
            Paste and run
          </Button>
        </>
      }
    >
      <pre className="paste-text mono">
        {text.slice(0, mostShown)}
        {text.length > mostShown && `\n… and ${text.length - mostShown} characters more`}
      </pre>
    </Dialog>
  );
}
