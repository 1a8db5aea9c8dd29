import type { Plan } from '../../../preload/contract/deploy.ts';
import { planWords } from '../../stores/plan-words.ts';
import { toHash } from '../../stores/location.ts';
import { useStore } from 'zustand';
import { useStores } from '../../stores/react.ts';

/** What Deploy will do, in words; each part leads to the screen that shows it whole. */
export function PlanSentence({ plan }: { plan: Plan }) {
  const { location } = useStores();
  const projectId = useStore(location.store, state => state.place.projectId);
  return (
    <p className="plan" aria-label="Plan">
      {planWords(plan).map((word, index) => {
        const text =
          word.style === 'bold' ? (
            <b>{word.text}</b>
          ) : word.style === 'mono' ? (
            <span className="mono">{word.text}</span>
          ) : (
            word.text
          );
        return word.to !== null && projectId !== null ? (
          // Pieces of one sentence have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <a key={index} href={toHash({ screen: word.to, projectId })}>
            {text}
          </a>
        ) : (
          // oxlint-disable-next-line react/no-array-index-key
          <span key={index}>{text}</span>
        );
      })}
    </p>
  );
}
