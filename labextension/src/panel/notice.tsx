import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { ServerAway } from '../api';
import { SeenWidget, SECOND, useNow } from '../shared/clock';
import { Prose } from '../shared/prose';
import type { IClusters } from '../tokens';
import { ago } from '../shared/duration';
import { explain } from '../shared/words';

/** Shows what is wrong with the server, as long as something is wrong. */
export class Notice extends SeenWidget {
  constructor(
    private readonly _clusters: IClusters,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-AfLab-noticeArea');
  }

  protected override draw(): React.JSX.Element {
    return (
      <UseSignal signal={this._clusters.changed}>
        {() => <Trouble clusters={this._clusters} trans={this._trans} />}
      </UseSignal>
    );
  }
}

interface IProps {
  readonly clusters: IClusters;
  readonly trans: TranslationBundle;
}

function Trouble({ clusters, trans }: IProps): React.JSX.Element | null {
  const { trouble, seen } = clusters;
  if (!trouble) {
    return null;
  }
  const { title, text } = explain(trouble, trans);
  return (
    <div className="jp-AfLab-notice" data-trouble={trouble.name}>
      <div className="jp-AfLab-noticeText">
        <strong>{title}</strong>
        <p>
          <Prose>{text}</Prose>{' '}
          {trouble instanceof ServerAway && seen !== null && <LastSeen seen={seen} trans={trans} />}
        </p>
      </div>
      <button
        type="button"
        className="jp-AfLab-iconButton jp-AfLab-retry"
        aria-label={trans.__('Try the server again now')}
        title={trans.__('Try again now')}
        onClick={() => void clusters.refresh()}
      >
        <refreshIcon.react tag="span" width="16px" height="16px" />
      </button>
    </div>
  );
}

/** "Last seen 12 s ago.", counting. */
function LastSeen({ seen, trans }: { seen: number; trans: TranslationBundle }): React.JSX.Element {
  const now = useNow(SECOND);
  return <span className="jp-AfLab-age">{trans.__('Last seen %1.', ago(now - seen, trans))}</span>;
}
