import { Icon } from '../../components/icon.tsx';
import { Status } from '../../components/status.tsx';
import { useStores } from '../../stores/react.ts';
import { useForwards } from '../../stores/use-forwards.ts';
import { forwardTitle, forwardsWord } from '../../text/forwards.ts';

/** How many forwards lead somewhere; a press shows them. */
export function ForwardsCell({ projectId }: { projectId: string | null }) {
  const { location } = useStores();
  const snapshot = useForwards(projectId);
  const word = forwardsWord(snapshot?.forwards ?? []);
  if (word === null || projectId === null) return null;
  const title = snapshot?.forwards
    .filter(({ on }) => on)
    .map(forward => `${forward.address} ${forwardTitle(forward)}: ${forward.message ?? forward.state}`)
    .join('\n');
  return (
    <button
      type="button"
      className="cell"
      title={title}
      onClick={() => location.go({ projectId, screen: 'workloads' })}
    >
      <Icon name="external-link" size={12} />
      {'Forwards '}
      <Status tone={word.tone}>{word.word}</Status>
    </button>
  );
}
