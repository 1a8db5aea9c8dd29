import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

async function copy(text: () => string | Promise<string>): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(await text());
    return true;
  } catch {
    return false;
  }
}

/** Says what came of it in place, for two seconds. */
export function CopyButton({
  text,
  label = 'Copy',
  outlined = false,
}: {
  text: () => string | Promise<string>;
  label?: string;
  outlined?: boolean;
}) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <Button
      small
      {...(outlined ? {} : { kind: 'quiet' as const })}
      icon={said === 'Copied' ? 'check' : 'copy'}
      onClick={() => void copy(text).then(done => setSaid(done ? 'Copied' : 'Not copied'))}
    >
      {said ?? label}
    </Button>
  );
}
