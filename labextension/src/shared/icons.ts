import { LabIcon } from '@jupyterlab/ui-components';

/** A scheduler and its workers. */
export const clusterIcon = new LabIcon({
  name: 'af-lab:cluster',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <circle cx="12" cy="12" r="4"/>
    <circle cx="12" cy="3.5" r="2.5"/><circle cx="20.1" cy="9.4" r="2.5"/>
    <circle cx="17" cy="18.9" r="2.5"/><circle cx="7" cy="18.9" r="2.5"/>
    <circle cx="3.9" cy="9.4" r="2.5"/>
    <path d="M11.3 4h1.4v5h-1.4zM19 8.9l.5 1.3-4.8 1.6-.4-1.4zM17.1 17.9l-1.2.8-2.9-4 1.1-.9zM6.9 17.9l1.2.8 2.9-4-1.1-.9zM5 8.9l-.5 1.3 4.8 1.6.4-1.4z"/>
  </g>
</svg>`
});

/** A pin. */
export const pinIcon = new LabIcon({
  name: 'af-lab:pin',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M16 9V4h1V2H7v2h1v5l-2 3v2h5v7l1 1 1-1v-7h5v-2z"/>
</svg>`
});

/** Calls, and how far each is. */
export const runIcon = new LabIcon({
  name: 'af-lab:run',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" fill-rule="evenodd" d="M3 3h18v5H3zm11 1.5v2h5.5v-2zM3 9.5h18v5H3zm5 1.5v2h11.500v-2zM3 16h18v5H3zm14 1.5v2h2.500v-2z"/>
</svg>`
});
