/* global clearTimeout, document, location, setTimeout */
// A page that is hidden for a minute closes its connections; otherwise its server would never count as idle.
(() => {
  // Bokeh's pages have no dot in their names. Other pages have no connection, except for the map of the cluster.
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
