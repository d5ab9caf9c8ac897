/* global WebSocket, fetch, location, setTimeout, window */
// A page that loses its connection loads itself again as soon as the Dask scheduler answers, whatever was restarted:
// the scheduler, the Jupyter server or the network. Bokeh itself tries a few times only.
(() => {
  const FIRST_PAUSE = 1_000;
  const LONGEST_PAUSE = 10_000;
  // A page that loses its connection sooner than this waits longer, so that it does not flicker.
  const STABLE = 10_000;
  const begin = Date.now();
  let isOver = false;
  window.addEventListener('pagehide', () => {
    isOver = true;
  });

  const comeBack = async pause => {
    const answer = await fetch(location.href, { redirect: 'error' }).catch(() => null);
    // A cluster that has ended is told by the page of the error.
    if (answer?.ok || answer?.status === 404) {
      location.reload();
      return;
    }
    setTimeout(comeBack, pause, Math.min(2 * pause, LONGEST_PAUSE));
  };

  const lose = () => {
    if (isOver) {
      return;
    }
    isOver = true;
    setTimeout(comeBack, Date.now() - begin < STABLE ? LONGEST_PAUSE : FIRST_PAUSE, 2 * FIRST_PAUSE);
  };

  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      // One that never opens, as behind a proxy that blocks WebSockets, would not open after a reload.
      this.addEventListener('open', () => this.addEventListener('close', lose));
    }
  };
})();
