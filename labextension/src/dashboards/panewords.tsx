import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { KeepsFocus } from '../shared/keepsfocus';
import { Prose } from '../shared/prose';
import type { IMessage } from '../shared/words';

/** What a pane says in the place of a plot. */
export class PaneWords extends ReactWidget {
  constructor(
    private readonly _again: () => void,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-plotWords');
  }

  /** Say something, and offer to ask again if it is a trouble. */
  tell(words: IMessage, isTrouble: boolean): void {
    this._words = words;
    this._isTrouble = isTrouble;
    this.show();
    this.update();
  }

  protected override render(): React.JSX.Element | null {
    const { _words: words, _isTrouble: isTrouble, _trans: trans } = this;
    return (
      words && (
        <KeepsFocus className="jp-AfLab-plotMessage">
          <div role="status">
            <strong>{words.title}</strong>
            <p>
              <Prose>{words.text}</Prose>
            </p>
          </div>
          {isTrouble && (
            <button type="button" className="jp-AfLab-button jp-mod-primary" onClick={this._again}>
              {trans.__('Ask again')}
            </button>
          )}
        </KeepsFocus>
      )
    );
  }

  private _isTrouble = false;
  private _words: IMessage | null = null;
}
