import { nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import { createElement, createRef } from 'react';

import type { ILogQuery, LogPart, SchedulerStart } from '../../src/api';
import { LogModel } from '../../src/details/logmodel';
import { Logs } from '../../src/details/logs';
import { find, settle, until } from '../support';

const trans = nullTranslator.load('af_lab');

/** Starts of a scheduler that wrote so many bytes. */
function startsOf(...sizes: number[]): SchedulerStart[] {
  return sizes.map((size, index) => ({
    number: index + 1,
    source: `scheduler-${index + 1}.log`,
    written: '2026-11-26T12:05:30Z',
    size
  }));
}

describe('the logs of a scheduler that was restarted', () => {
  let asked: ILogQuery[];
  let starts: SchedulerStart[];
  let log: LogModel;
  let widget: Widget;

  beforeEach(() => {
    asked = [];
    starts = startsOf(40, 50, 0);
    log = new LogModel(query => {
      asked.push(query);
      const start = query.worker === undefined ? (query.start ?? 2) : null;
      const text = start === 3 ? '' : `text of ${query.worker ?? `start ${start}`}`;
      const part: LogPart = {
        text: query.after === undefined ? text : '',
        cursor: `${start}:9`,
        source: `${start}`,
        start,
        starts: start === null ? [] : starts
      };
      return Promise.resolve(part);
    });
    const chooser = createRef<HTMLSelectElement>();
    widget = ReactWidget.create(
      createElement(Logs, { log, workers: [], chooser, gone: false, trans })
    );
    Widget.attach(widget, document.body);
    log.setActive(true, false);
  });

  afterEach(() => {
    widget.dispose();
    log.dispose();
  });

  const text = (): string => document.querySelector('.jp-AfLab-log')?.textContent ?? '';
  const choose = (value: string): void => {
    const select = find('.jp-AfLab-source') as HTMLSelectElement;
    select.value = value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  };

  it('are offered one by one', async () => {
    await until('the newest with words', () => text() === 'text of start 2');
    const options = Array.from(document.querySelectorAll('.jp-AfLab-source option'));
    expect(options.map(option => option.textContent)).toEqual([
      'the scheduler',
      expect.stringMatching(/^start 1 of 3, until \d\d:05:30$/),
      expect.stringMatching(/^start 2 of 3, until/),
      'start 3 of 3, wrote nothing'
    ]);
    choose('start-1');
    await until('the first', () => text() === 'text of start 1');
    expect(find('.jp-AfLab-log').getAttribute('aria-label')).toBe(
      'Log of start 1 of the scheduler'
    );
    choose('start-3');
    await until('the empty one', () => text() === 'This start wrote nothing.');
    choose('');
    await until('the newest again', () => text() === 'text of start 2');
    expect(asked.map(({ start }) => start)).toEqual([undefined, 1, 3, undefined]);
  });

  it('stay on offer beside the log of a job', async () => {
    await until('the newest with words', () => text() === 'text of start 2');
    log.choose({ worker: '7.0', start: null });
    await until('that of the job', () => text() === 'text of 7.0');
    expect(document.querySelectorAll('.jp-AfLab-source option')).toHaveLength(5);
  });

  it('are one log while there is one start', async () => {
    starts = startsOf(40);
    log.choose({ count: 100 });
    await until('the log', () => text() === 'text of start 2');
    await settle();
    expect(document.querySelectorAll('.jp-AfLab-source option')).toHaveLength(1);
  });
});
