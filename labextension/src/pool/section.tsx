import type { TranslationBundle } from '@jupyterlab/translation';
import { PanelWithToolbar, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import type { ApiError, Pool, Root } from '../api';
import { MINUTE, SeenWidget, useNow } from '../shared/clock';
import { ago } from '../shared/duration';
import { explain } from '../shared/words';
import type { IClusters, IFacility } from '../tokens';
import {
  bySite,
  coresWords,
  foremost,
  type ISiteSlots,
  OLD,
  shareWords,
  siteDetails,
  standing,
  userOf
} from './words';

/** The maximum number of users that are listed. */
const MOST_SHARES = 8;

/** The section of the panel that shows what the pool has, and who uses it. */
export class PoolSection extends PanelWithToolbar {
  constructor(facility: IFacility, clusters: IClusters, trans: TranslationBundle) {
    super();
    this.addClass('jp-AfLab-pool');
    this.title.label = trans.__('Pool');
    // It scrolls, and contains no other element that can take the focus.
    this.node.tabIndex = 0;
    this.addWidget(new Overview(facility, clusters, trans));
  }
}

/** Loads the labels of the sites when it is first shown; until then it shows their names. */
class Overview extends SeenWidget {
  constructor(
    private readonly _facility: IFacility,
    private readonly _clusters: IClusters,
    private readonly _trans: TranslationBundle
  ) {
    super();
  }

  protected override draw(): React.JSX.Element {
    const { _facility: facility, _trans: trans } = this;
    return (
      <UseSignal signal={facility.changed}>
        {() =>
          facility.pool ? (
            <Known pool={facility.pool} names={this._names ?? []} trans={trans} />
          ) : (
            <UseSignal signal={this._clusters.changed}>
              {() => <Unknown trouble={this._clusters.trouble} trans={trans} />}
            </UseSignal>
          )
        }
      </UseSignal>
    );
  }

  protected override onSeen(): void {
    if (this._names) {
      return;
    }
    this._names = [];
    void this._facility.about().then(
      ({ sites }) => {
        this._names = sites;
        this.update();
      },
      () => {
        this._names = null;
      }
    );
  }

  private _names: Root['sites'] | null = null;
}

/** The pool before the server has said anything about it; why it does not is above, in full. */
function Unknown({
  trouble,
  trans
}: {
  trouble: ApiError | null;
  trans: TranslationBundle;
}): React.JSX.Element {
  return trouble ? (
    <p className="jp-AfLab-quiet">
      {trans.__('The pool is not known: %1.', explain(trouble, trans).title)}
    </p>
  ) : (
    <p className="jp-AfLab-waiting">{trans.__('Querying the pool…')}</p>
  );
}

interface IKnownProps {
  readonly pool: Pool;
  readonly names: Root['sites'];
  readonly trans: TranslationBundle;
}

function Known({ pool, names, trans }: IKnownProps): React.JSX.Element {
  const age = useNow(MINUTE) - Date.parse(pool.seen);
  if (pool.cores === 0) {
    return (
      <p className="jp-AfLab-quiet">
        {trans.__('The pool has no slots at this moment. Ask its administrators.')}
      </p>
    );
  }
  return (
    <>
      <ul className="jp-AfLab-sites">
        {bySite(pool.parts, names, trans).map(site => (
          <Site key={site.site ?? ''} site={site} trans={trans} />
        ))}
      </ul>
      <Shares pool={pool} trans={trans} />
      {age > OLD && <p className="jp-AfLab-quiet">{trans.__('Updated %1.', ago(age, trans))}</p>}
    </>
  );
}

function Site({ site, trans }: { site: ISiteSlots; trans: TranslationBundle }): React.JSX.Element {
  const { cores, freeCores, label } = site;
  const words = coresWords(site, trans);
  return (
    <li>
      <div className="jp-AfLab-row">
        <strong>{label}</strong>
        <span className="jp-AfLab-number">{words}</span>
      </div>
      <div
        className="jp-AfLab-bar"
        role="img"
        aria-label={trans.__('%1: %2', label, words)}
        title={words}
      >
        <span
          className="jp-AfLab-part"
          data-part="free"
          style={{ width: `${(100 * freeCores) / Math.max(cores, 1)}%` }}
        />
      </div>
      <p className="jp-AfLab-quiet">{siteDetails(site, trans)}</p>
    </li>
  );
}

function Shares({ pool, trans }: { pool: Pool; trans: TranslationBundle }): React.JSX.Element {
  const { shares } = pool;
  const most = Math.max(1, ...shares.map(({ cores }) => cores));
  return (
    <section className="jp-AfLab-shares" aria-label={trans.__('Fair share')}>
      <h3>{trans.__('Fair share')}</h3>
      <ul>
        {foremost(shares, MOST_SHARES).map(share => (
          <li
            key={share.owner}
            className="jp-AfLab-share"
            data-own={share.own}
            title={shareWords(share, trans)}
          >
            <span className="jp-AfLab-user">{share.own ? trans.__('you') : userOf(share)}</span>
            <span className="jp-AfLab-bar" role="img" aria-label={shareWords(share, trans)}>
              <span
                className="jp-AfLab-part"
                data-part={share.own ? 'own' : 'others'}
                style={{ width: `${(100 * share.cores) / most}%` }}
              />
            </span>
            <span className="jp-AfLab-number" aria-hidden="true">
              {Math.round(share.cores)}
            </span>
          </li>
        ))}
      </ul>
      {shares.length > MOST_SHARES && (
        <p className="jp-AfLab-quiet">{trans.__('and %1 others', shares.length - MOST_SHARES)}</p>
      )}
      <p className="jp-AfLab-quiet">{standing(shares, trans)}</p>
    </section>
  );
}
