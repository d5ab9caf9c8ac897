import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import React from 'react';

import type { IApi } from '../api';
import { clusterIcon } from '../shared/icons';
import type { IClusters } from '../tokens';
import { DetailsModel } from './model';
import { Page } from './page';
import type { IShareActions } from './sharebuttons';

/** The padding of the content, both sides together, in pixels. */
const PADDING = 2 * 16;

export interface IClusterDetailsOptions {
  readonly api: IApi;
  readonly clusters: IClusters;
  readonly name: string;
  readonly share: IShareActions;
  readonly trans: TranslationBundle;
}

/** The details of a cluster. Sends requests while it is visible. */
export class ClusterDetails extends ReactWidget {
  constructor({ api, clusters, name, share, trans }: IClusterDetailsOptions) {
    super();
    this._share = share;
    this._trans = trans;
    this.model = new DetailsModel(name, api, clusters);
    this.id = `af-lab-details-${name}`;
    this.addClass('jp-AfLab-details');
    this.title.label = name;
    this.title.caption = trans.__('Details of the cluster %1', name);
    this.title.icon = clusterIcon;
    this.title.closable = true;
  }

  readonly model: DetailsModel;

  /** The name of the cluster. */
  get name(): string {
    return this.model.name;
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return (
      <UseSignal signal={this.model.changed}>
        {() => (
          <Page model={this.model} share={this._share} width={this._width} trans={this._trans} />
        )}
      </UseSignal>
    );
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    // More informative than the label that the main area sets.
    this.node.setAttribute('aria-label', this.title.caption);
    this.model.setShown(this.isVisible);
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.model.setShown(true);
  }

  protected override onBeforeHide(msg: Message): void {
    super.onBeforeHide(msg);
    this.model.setShown(false);
  }

  protected override onBeforeDetach(msg: Message): void {
    this.model.setShown(false);
    super.onBeforeDetach(msg);
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this.node.focus();
  }

  protected override onResize(msg: Widget.ResizeMessage): void {
    super.onResize(msg);
    const width = Math.round(msg.width < 0 ? this.node.offsetWidth : msg.width) - PADDING;
    if (width > 0 && width !== this._width) {
      this._width = width;
      this.update();
    }
  }

  private readonly _share: IShareActions;
  private readonly _trans: TranslationBundle;
  /** The width of the content, in pixels. */
  private _width = 800;
}
