import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownEmptyIcon, ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { clusterIcon } from '../shared/icons';
import type { KernelCluster } from './kernelcluster';
import { buttonTitle, buttonWords } from './words';

export interface IClusterButtonOptions {
  readonly model: KernelCluster;
  /** Opens the menu below the button; resolves when the menu is closed. */
  readonly openMenu: (button: HTMLElement) => Promise<void>;
  readonly trans: TranslationBundle;
}

/** The button in a toolbar that names the cluster of the kernel. It is hidden where no cluster can be used. */
export class ClusterButton extends ReactWidget {
  constructor(private readonly _options: IClusterButtonOptions) {
    super();
    this.addClass('jp-AfLab-clusterButton');
    _options.model.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  override dispose(): void {
    this._options.model.dispose();
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    const { model, openMenu, trans } = this._options;
    const { client, entry } = model;
    return (
      <button
        type="button"
        aria-haspopup="menu"
        aria-expanded={this._isOpen}
        title={buttonTitle(client, entry, trans)}
        data-used={client !== null}
        onClick={event => {
          void this._open(openMenu, event.currentTarget);
        }}
      >
        <clusterIcon.react tag="span" width="16px" height="16px" />
        <span className="jp-AfLab-clusterButtonName">{buttonWords(client, entry, trans)}</span>
        <caretDownEmptyIcon.react tag="span" width="16px" height="16px" />
      </button>
    );
  }

  private _onChanged(): void {
    const { isOffered } = this._options.model;
    if (this.isHidden === isOffered) {
      this.setHidden(!isOffered);
    }
    this.update();
  }

  private async _open(
    openMenu: IClusterButtonOptions['openMenu'],
    button: HTMLElement
  ): Promise<void> {
    if (this._isOpen) {
      return;
    }
    this._isOpen = true;
    this.update();
    await openMenu(button);
    this._isOpen = false;
    this.update();
  }

  private _isOpen = false;
}
