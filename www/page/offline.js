/** Has the page kept for when there is no connection, and tells of new versions of it. */
import { lockDoor } from './door.js';
import { registerServiceWorker } from './own-scripts.js';

/**
 * Begins to keep the page, where the browser can, and then locks the door: by then the browser has the
 * page's manifest as well.
 *
 * @param {(takeOver: () => void) => void} onNewVersion  Told when a new version is there whole;
 *   `takeOver` loads the page anew with it.
 */
export async function keepForOffline(onNewVersion) {
  // There is none on pages that were not served safely, nor on those that hold everything themselves.
  if (navigator.serviceWorker && document.querySelector('link[rel="manifest"]')) {
    try {
      announceVersions(await registerServiceWorker(), onNewVersion);
    } catch (error) {
      console.warn('The page is not kept for use without a connection.', error);
    }
  }
  lockDoor();
}

/**
 * @param {ServiceWorkerRegistration} registration
 * @param {(takeOver: () => void) => void} onNewVersion
 */
function announceVersions(registration, onNewVersion) {
  const { serviceWorker } = navigator;
  // The first version that is kept is the one that is shown.
  const tell = (/** @type {ServiceWorker} */ version) => {
    if (!serviceWorker.controller) return;
    onNewVersion(() => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      version.postMessage('take over');
    });
  };
  const follow = () => {
    const version = registration.installing;
    version?.addEventListener('statechange', () => {
      if (version.state === 'installed') tell(version);
    });
  };
  if (registration.waiting) tell(registration.waiting);
  // The browser may have come upon it by itself, before the page asked.
  follow();
  registration.addEventListener('updatefound', follow);
}
