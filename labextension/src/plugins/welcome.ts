import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { openAtFirst } from '../panel/firststart';
import { clusterIcon } from '../shared/icons';
import { CommandIDs, IFacility } from '../tokens';
import { isFirstStart } from '../welcome/firststart';
import type { IWelcomeActions } from '../welcome/page';
import { read, SETTINGS } from './settings';

const welcome: JupyterFrontEndPlugin<void> = {
  id: 'af-lab:welcome',
  description: 'Adds the welcome page, and shows it with the panel to newcomers.',
  autoStart: true,
  requires: [IFacility],
  optional: [
    ILabShell,
    IDefaultFileBrowser,
    ILauncher,
    ILayoutRestorer,
    INotebookTracker,
    ISettingRegistry,
    IStateDB,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    facility: IFacility,
    shell: ILabShell | null,
    browser: IDefaultFileBrowser | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null,
    notebooks: INotebookTracker | null,
    registry: ISettingRegistry | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ): void => {
    if (!shell) {
      return; // the main area of Notebook 7 holds one document
    }
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load('af_lab');
    const tracker = new WidgetTracker<MainAreaWidget>({ namespace: 'af-lab-welcome' });
    const execute = (id: string, args = {}): void => void commands.execute(id, args);
    const actions: IWelcomeActions = {
      openExample: id => {
        execute(CommandIDs.openExample, id === null ? {} : { id });
      },
      showExamples: () => {
        execute(CommandIDs.showPanel, { section: 'examples' });
      },
      createCluster: () => {
        execute(CommandIDs.newCluster);
      },
      showClusters: () => {
        execute(CommandIDs.showPanel, { section: 'clusters' });
      },
      openNotebook: code => {
        void import('../welcome/ownnotebook').then(({ openNotebook }) =>
          openNotebook(app, notebooks, browser?.model.path ?? '', code)
        );
      },
      copy: code => {
        Clipboard.copyToSystem(code);
      }
    };

    const make = async (): Promise<MainAreaWidget> => {
      const { createWelcome } = await import('../welcome/widget');
      const widget = createWelcome({ actions, facility, trans });
      await tracker.add(widget);
      return widget;
    };
    commands.addCommand(CommandIDs.showWelcome, {
      label: args =>
        args.isPalette ? trans.__('Show the Welcome Page') : trans.__('Welcome: Three Ways On'),
      caption: trans.__('Run an analysis, make a cluster, or bring your own notebook'),
      icon: args => (args.isPalette ? undefined : clusterIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            isBehind: { type: 'boolean', description: 'Whether to leave another tab in front' }
          }
        }
      },
      execute: async args => {
        const widget = tracker.currentWidget ?? (await make());
        const activate = args.isBehind !== true;
        if (!widget.isAttached) {
          const [first] = shell.widgets('main');
          const place = first ? ({ mode: 'tab-before', ref: first.id } as const) : {};
          shell.add(widget, 'main', activate ? {} : { ...place, activate });
        }
        if (activate) {
          shell.activateById(widget.id);
        }
      }
    });
    launcher?.add({
      command: CommandIDs.showWelcome,
      category: trans.__('Analysis Facility'),
      rank: -1,
      args: { isLauncher: true }
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.showWelcome,
      args: () => ({ isBehind: true }),
      name: () => 'welcome'
    });

    const greet = async (): Promise<void> => {
      const settings = await registry?.load(SETTINGS);
      await app.restored;
      if (settings && read(settings).welcome && state && (await isFirstStart(state))) {
        openAtFirst(shell, 'af-lab-panel');
        const isBehind = shell.currentWidget !== null && notebooks?.currentWidget !== null;
        await commands.execute(CommandIDs.showWelcome, { isBehind });
      }
    };
    void greet();
  }
};

export default welcome;
