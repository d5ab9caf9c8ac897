import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { KeepsFocus } from '../shared/keepsfocus';
import { Prose } from '../shared/prose';
import type { IMessage } from '../shared/words';

/** The text that a pane shows instead of a plot. */
export class PaneWords extends ReactWidget {
  constructor(
    private readonly _again: () => void,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-plotWords');
  }

  /** Show a text, with a button to try again if it is an error. */
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
              {trans.__('Try again')}
            </button>
          )}
        </KeepsFocus>
      )
    );
  }

  private _isTrouble = false;
  private _words: IMessage | null = null;
}
