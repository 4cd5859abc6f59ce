/** The service worker of this site. */

/**
 * The one that serves, as soon as there is one. `navigator.serviceWorker.ready` may be that of a
 * site above this one.
 *
 * @param {ServiceWorkerRegistration} registration
 * @returns {Promise<ServiceWorker>}
 */
export async function activeOf(registration) {
  const { installing, waiting, active } = registration;
  const coming = installing ?? waiting;
  if (active) return active;
  if (!coming) throw new Error('there is no service worker');
  await new Promise((resolve, reject) => {
    coming.addEventListener('statechange', () => {
      if (coming.state === 'redundant') reject(new Error('the service worker could not be installed'));
      else if (registration.active) resolve(null);
    });
  });
  return /** @type {ServiceWorker} */ (registration.active);
}
