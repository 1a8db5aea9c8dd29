import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { connect } from './client/index.ts';
import { createStores } from './stores/stores.ts';
import './theme/theme.css';

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App stores={createStores(connect(), window)} />);
