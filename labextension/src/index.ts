import clusterButton from './plugins/clusterbutton';
import clusters from './plugins/clusters';
import commands from './plugins/commands';
import dashboards from './plugins/dashboards';
import details from './plugins/details';
import initial from './plugins/initialclusters';
import news from './plugins/news';
import notebook from './plugins/notebook';
import panel from './plugins/panel';
import running from './plugins/running';
import welcome from './plugins/welcome';

export { IClusters, IDashboards, IFacility } from './tokens';

export default [
  clusterButton,
  ...clusters,
  commands,
  ...dashboards,
  details,
  initial,
  news,
  notebook,
  panel,
  running,
  welcome
];
