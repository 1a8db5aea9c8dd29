import { useCallback, useEffect, useState } from 'react';
import type { LogOptions } from '../../../preload/contract/logs.ts';
import { toFailure } from '../../stores/failure.ts';
import { useStores } from '../../stores/react.ts';

/** How far back the engine reads a project's log, and what it does not read. They are the engine's, of all windows. */
export function useLogOptions(
  projectId: string,
  onFail: (message: string) => void,
): readonly [LogOptions | null, (change: Partial<LogOptions>) => void] {
  const { client } = useStores();
  const [options, setOptions] = useState<LogOptions | null>(null);
  useEffect(() => {
    let gone = false;
    client.request('logs.options', { projectId }).then(
      read => !gone && setOptions(read),
      // the state of the log itself says why nothing answers
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [client, projectId]);
  const change = useCallback(
    (part: Partial<LogOptions>) => {
      if (options === null) return;
      client
        .request('logs.setOptions', { projectId, options: { ...options, ...part } })
        .then(setOptions, (error: unknown) => onFail(toFailure(error).message));
    },
    [client, projectId, options, onFail],
  );
  return [options, change];
}
