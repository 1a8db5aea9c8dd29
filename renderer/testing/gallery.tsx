import { createRoot } from 'react-dom/client';
import { App } from '../app/app.tsx';
import { createStores } from '../stores/stores.ts';
import '../theme/theme.css';
import { worlds } from './worlds.ts';
import { proposal } from './shop.ts';

// For looking at the window without an engine: gallery.html?fake=busy&theme=dark#/p/p-1/overview
const query = new URLSearchParams(window.location.search);
const client = (worlds[query.get('fake') ?? 'idle'] ?? worlds['idle'])?.();
const root = document.getElementById('root');
if (client !== undefined && root !== null) {
  const theme = query.get('theme');
  if (theme === 'light' || theme === 'dark' || theme === 'contrast') {
    client.answer({
      'settings.get': () => ({
        theme,
        kindNodeImage: null,
        dockerHost: null,
        rolloutTimeoutSeconds: 180,
      }),
    });
  }
  if (query.get('open') === 'proposal')
    client.answer({ 'projects.open': () => ({ result: 'proposal', proposal }) });
  const stores = createStores(client, window);
  createRoot(root).render(<App stores={stores} />);
  if (query.get('open') === 'proposal') void stores.opening.open(proposal.root);
  if (query.get('open') === 'browse') stores.opening.browse();
  if (query.get('open') === 'palette') stores.dialogs.setState({ palette: true });
  if (query.get('open') === 'sheet') stores.dialogs.setState({ sheet: true });
  if (query.get('open') === 'log') stores.dock.openJob('job-1');
  if (query.get('open') === 'logs') stores.logs.open('p-1', { kind: 'project' });
  if (query.get('open') === 'logs-hit') {
    stores.logs.look('p-1', { search: { text: 'cart', regex: false, matchCase: false } });
    stores.logs.open('p-1', { kind: 'project' });
  }
  if (query.get('open') === 'logs-workload')
    stores.logs.open('p-1', {
      kind: 'workload',
      namespace: 'shop',
      workload: { kind: 'Deployment', name: 'api' },
    });
  if (query.get('open') === 'toast') {
    stores.toasts.show({
      key: 'a',
      tone: 'done',
      title: 'shop deployed in 18.2 s',
      line: '1 image, 3 objects, 3 of 3 pods ready',
      action: { label: 'Show', run: () => undefined },
    });
    stores.toasts.show({
      key: 'b',
      tone: 'bad',
      title: 'Build of worker failed',
      line: 'No matching distribution for celry==5.4.0',
      action: null,
    });
  }
}
