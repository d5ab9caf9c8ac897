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
