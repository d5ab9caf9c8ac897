import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Root } from '../api';
import { SeenWidget } from '../shared/clock';
import { Prose } from '../shared/prose';
import type { IClusters, IFacility } from '../tokens';

/** Shows what is wrong with the settings of the server, as long as something is wrong. */
export class ConfigurationNotice extends SeenWidget {
  constructor(
    private readonly _facility: IFacility,
    private readonly _clusters: IClusters,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-noticeArea');
    _clusters.changed.connect(this._onChanged, this);
  }

  override dispose(): void {
    this._clusters.changed.disconnect(this._onChanged, this);
    super.dispose();
  }

  protected override draw(): React.JSX.Element {
    if (this._problems.length === 0) {
      return <></>;
    }
    return (
      <div className="jp-AfLab-notice" role="status">
        <div className="jp-AfLab-noticeText">
          <strong>{this._trans.__('Wrong settings')}</strong>
          {this._problems.map(({ key, source, message }) => (
            <p key={`${key} ${source}`}>
              <Prose>{message}</Prose>
            </p>
          ))}
        </div>
      </div>
    );
  }

  protected override onSeen(): void {
    void this._facility.about().then(
      ({ configuration }) => {
        this._problems = configuration;
        this.update();
      },
      () => {
        // The other notice says why the server does not answer; ask again when it does.
        this._wasAway = true;
      }
    );
  }

  /** The server may have been restarted with other settings. */
  private _onChanged(): void {
    const wasAway = this._wasAway;
    this._wasAway = this._clusters.trouble !== null;
    if (wasAway && !this._wasAway && this.isVisible) {
      this.onSeen();
    }
  }

  private _problems: Root['configuration'] = [];
  private _wasAway = false;
}
