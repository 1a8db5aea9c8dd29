import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { openDashboard } from '../../shell/forwards/open-dashboard.ts';
import { useStores } from '../../stores/react.ts';

/** The Kubernetes dashboard of the project, with a token for its account in the clipboard. */
export function DashboardButton({ projectId, off }: { projectId: string; off: string | false }) {
  const stores = useStores();
  const [busy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    await openDashboard(stores, projectId);
    setBusy(false);
  };
  return (
    <Button icon="external-link" off={busy ? 'It is being opened' : off} onClick={() => void open()}>
      Dashboard
    </Button>
  );
}
