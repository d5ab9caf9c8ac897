import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React, { createContext, useContext, useEffect, useState } from 'react';

export const SECOND = 1_000;
export const MINUTE = 60_000;

const IsSeen = createContext(true);

/** A widget that knows whether it is visible; its clocks stop while it is hidden. */
export abstract class SeenWidget extends ReactWidget {
  protected abstract draw(): React.JSX.Element;

  protected override render(): React.JSX.Element {
    return <IsSeen.Provider value={this.isVisible}>{this.draw()}</IsSeen.Provider>;
  }

  /** Called whenever it becomes visible. */
  protected onSeen(): void {
    // Most widgets need not load anything then.
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (this.isVisible) {
      this.onSeen();
    }
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.update();
    this.onSeen();
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this.update();
  }
}

/** The time in milliseconds since 1970, updated once a period while it is visible and wanted. */
export function useNow(period: number, isWanted = true): number {
  const isTicking = useContext(IsSeen) && isWanted;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) {
      return;
    }
    const tick = (): void => {
      setNow(Date.now());
    };
    tick();
    const timer = setInterval(tick, period);
    return () => {
      clearInterval(timer);
    };
  }, [isTicking, period]);
  return now;
}
