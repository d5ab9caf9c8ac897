/** Scenes one after the other, and what the tests of the news say of them. */
import { nullTranslator } from '@jupyterlab/translation';

import type { INews } from '../../src/news/record';
import { decide, type IScene, type Seen } from '../../src/news/reducer';

const trans = nullTranslator.load('af_lab');

export const START = Date.parse('2026-11-27T12:00:00Z');
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** A moment as the server writes it, so many milliseconds after the start. */
export const at = (milliseconds: number): string => new Date(START + milliseconds).toISOString();

/** The scenes one after the other. */
export class Story {
  /** What is new, by subject, after a step; a step without a time comes a second after the one before. */
  step(parts: Partial<IScene>): string[] {
    return this.news(parts).map(({ message }) => message);
  }

  news(parts: Partial<IScene>): readonly INews[] {
    const next: IScene = {
      entries: [],
      runs: [],
      now: (this._previous?.now ?? START) + SECOND,
      inFront: new Set(),
      open: new Set(),
      ...parts
    };
    const outcome = decide(this._previous, next, this._seen, trans);
    this._previous = next;
    this._seen = outcome.seen;
    this.over = outcome.over;
    return outcome.news;
  }

  over: readonly string[] = [];
  private _previous: IScene | null = null;
  private _seen: Seen = new Map();
}
