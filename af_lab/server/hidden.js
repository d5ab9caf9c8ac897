/* global clearTimeout, document, location, setTimeout */
// A page that nobody sees for a minute ends its connections, or the server it came from would never count as idle.
(() => {
  // Those of Bokeh have no dot in their names; the others have no connection, but for the map of the cluster.
  const [, dashboard, page] = location.pathname.match(/^(.*\/dashboard\/)([\w-]+|statics\/[\w.-]+)$/) ?? [];
  let timer;
  const note = () => {
    clearTimeout(timer);
    if (document.hidden && page) {
      timer = setTimeout(() => location.replace(`${dashboard}asleep.html#${page}`), 60_000);
    }
  };
  document.addEventListener('visibilitychange', note);
  note();
})();
