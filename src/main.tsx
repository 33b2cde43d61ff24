import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { firstPicture } from './store/firstPicture';
import { startRouter } from './store/router';
import { followActions } from './store/script';
import { engine } from './store/session';
import { keepSettings } from './store/settings';
import './ui/theme/fonts.css';
import './ui/theme/tokens.css';
import './ui/theme/base.css';
import './ui/kit/controls.css';
import { App } from './ui/app/App';
import { keepForOffline } from './ui/app/offline';

/** Reading one of these throws where storage is forbidden. */
function storage(which: 'localStorage' | 'sessionStorage' = 'localStorage'): Storage | null {
  try {
    return window[which];
  } catch {
    return null;
  }
}

const plain = location.hash.length <= 1;
keepSettings(storage(), storage('sessionStorage'));
followActions(engine);
void startRouter();
void firstPicture.then(() => import('./store/visit')).then(({ keepVisit }) => keepVisit(storage(), plain));
keepForOffline();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
