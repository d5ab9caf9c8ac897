import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { READING } from '../clusters/findcluster';
import { CommandIDs, type IClusters, type IDashboards, type Source } from '../tokens';
import { choosePlot } from './chooseplot';
import { chooseSource } from './choosesource';
import { linkTo } from './link';
import type { PlotPanes } from './panes';
import { type IPlaced, type Mode, openings } from './placement';
import { sourceName } from './words';

export interface IPlotCommandsOptions {
  readonly commands: JupyterFrontEnd['commands'];
  readonly baseUrl: string;
  readonly clusters: IClusters;
  readonly dashboards: IDashboards;
  /** The main plots, as the settings have them. */
  readonly main: () => Promise<readonly IPlaced[]>;
  readonly panes: PlotPanes;
  readonly trans: TranslationBundle;
}

/** The arguments that say whose plots are meant; without them, those of the panel, or of a cluster that is chosen. */
const WHOSE = {
  name: { type: 'string', description: 'The name of the cluster' },
  address: { type: 'string', description: 'The address of another Dask dashboard' }
} as const;

/** Adds the commands that open plots. */
export function addPlotCommands(options: IPlotCommandsOptions): void {
  const { commands, baseUrl, clusters, dashboards, main, panes, trans } = options;

  const findSource = async (args: ReadonlyPartialJSONObject): Promise<Source | null> => {
    const named = sourceIn(args);
    if (!named) {
      await chooseSource(dashboards, clusters, trans);
    }
    const source = named ?? dashboards.source;
    if (!source) {
      Notification.info(trans.__('There is no Dask cluster. Create one, then open its plots.'), {
        autoClose: READING
      });
    }
    return source;
  };

  commands.addCommand(CommandIDs.showPlots, {
    label: trans.__('Show the Dask Plots of a Cluster'),
    caption: trans.__('Open its main plots beside the notebook'),
    describedBy: { args: { type: 'object', properties: WHOSE } },
    execute: async args => {
      const source = await findSource(args);
      if (!source) {
        return;
      }
      dashboards.follow(source);
      for (const { plot, ...place } of openings(await main())) {
        await panes.open(plot, source, place);
      }
    }
  });

  commands.addCommand(CommandIDs.openPlot, {
    label: trans.__('Show a Dask Plot…'),
    caption: trans.__('Open one of all plots of a cluster beside the notebook'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          ...WHOSE,
          plot: { type: 'string', description: 'The last part of the address of the plot' },
          mode: { type: 'string', description: 'Where to place it, as for other documents' },
          ref: { type: 'string', description: 'The plot beside which to place it' }
        }
      }
    },
    execute: async args => {
      const source = await findSource(args);
      if (!source) {
        return;
      }
      if (typeof args.plot !== 'string') {
        dashboards.follow(source);
      }
      const plot = typeof args.plot === 'string' ? args.plot : await choosePlot(dashboards, trans);
      if (plot !== null) {
        await panes.open(plot, source, {
          ...(typeof args.mode === 'string' && { mode: args.mode as Mode }),
          ...(typeof args.ref === 'string' && { ref: args.ref })
        });
      }
    }
  });

  commands.addCommand(CommandIDs.copyDashboard, {
    label: trans.__('Copy the Address of a Dask Dashboard'),
    caption: trans.__('Copy the address, for a browser or for dask-labextension'),
    describedBy: { args: { type: 'object', properties: WHOSE } },
    execute: async args => {
      const source = await findSource(args);
      const link = source && linkTo(source, baseUrl);
      if (source && link !== null) {
        Clipboard.copyToSystem(link);
        Notification.success(
          trans.__(
            'The address of the dashboard of %1 is copied. It works in this browser, while you are logged in.',
            sourceName(source)
          ),
          { autoClose: READING }
        );
      }
    }
  });
}

/** The arguments of the commands for a source. */
export function argsOf(source: Source): { name: string } | { address: string } {
  return source.kind === 'cluster' ? { name: source.name } : { address: source.url };
}

function sourceIn({ name, address }: ReadonlyPartialJSONObject): Source | null {
  if (typeof name === 'string') {
    return { kind: 'cluster', name };
  }
  return typeof address === 'string' ? { kind: 'address', url: address } : null;
}
