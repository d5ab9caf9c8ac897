import { MainAreaWidget } from '@jupyterlab/apputils';
import React from 'react';

import { SeenWidget } from '../shared/clock';
import { clusterIcon } from '../shared/icons';
import { WelcomePage, type IWelcomePageProps } from './page';

/** The id of the page's widget in the main area. */
export const WELCOME = 'af-lab-welcome';

/** Make the page. */
export function createWelcome(options: IWelcomePageProps): MainAreaWidget<Welcome> {
  const widget = new MainAreaWidget({ content: new Welcome(options) });
  widget.id = WELCOME;
  // It has no buttons, but would draw a line.
  widget.toolbar.hide();
  return widget;
}

/** The page; it asks for the examples when it is first seen. */
export class Welcome extends SeenWidget {
  constructor(private readonly _options: IWelcomePageProps) {
    super();
    const { trans } = _options;
    this.addClass('jp-AfLab-welcome');
    this.node.tabIndex = -1;
    this.title.label = trans.__('Welcome');
    this.title.caption = trans.__('Welcome to the Analysis Facility');
    this.title.icon = clusterIcon;
    this.title.closable = true;
  }

  protected override draw(): React.JSX.Element {
    return <WelcomePage {...this._options} />;
  }

  protected override onSeen(): void {
    const { facility } = this._options;
    if (!facility.examples) {
      void facility.loadExamples();
    }
  }
}
