import clusters from './plugins/clusters';
import commands from './plugins/commands';
import dashboards from './plugins/dashboards';
import details from './plugins/details';
import initial from './plugins/initialclusters';
import notebook from './plugins/notebook';
import panel from './plugins/panel';
import running from './plugins/running';

export { IClusters, IDashboards, IFacility } from './tokens';

export default [...clusters, commands, ...dashboards, details, initial, notebook, panel, running];
