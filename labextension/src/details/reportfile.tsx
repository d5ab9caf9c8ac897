import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { PromiseDelegate } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import React from 'react';

import { Report } from './report';
import type { IReport } from './reportdata';
import { REPORT_STYLE } from './reportstyle';

/** The longest time that a report takes to draw, in milliseconds. */
const PATIENCE = 20_000;

/** Nothing is loaded, and no script runs, whatever a report has in it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A report as one HTML document that needs nothing else. React and the browser escape all that is in it. */
export async function reportDocument(report: IReport, trans: TranslationBundle): Promise<string> {
  const drawn = new PromiseDelegate<null>();
  const end = setTimeout(() => {
    drawn.reject(new Error(trans.__('The details could not be drawn.')));
  }, PATIENCE);
  const host = document.createElement('div');
  host.hidden = true;
  document.body.append(host);
  const widget = ReactWidget.create(
    <Report
      report={report}
      drawn={() => {
        drawn.resolve(null);
      }}
      trans={trans}
    />
  );
  try {
    Widget.attach(widget, host);
    await drawn.promise;
    return asDocument(report.entry.cluster.name, widget.node.innerHTML);
  } finally {
    clearTimeout(end);
    widget.dispose();
    host.remove();
  }
}

function asDocument(title: string, content: string): string {
  const made = document.implementation.createHTMLDocument(title);
  const meta = (attributes: Readonly<Record<string, string>>): HTMLMetaElement => {
    const node = made.createElement('meta');
    for (const [name, value] of Object.entries(attributes)) {
      node.setAttribute(name, value);
    }
    return node;
  };
  const style = made.createElement('style');
  style.textContent = REPORT_STYLE;
  made.documentElement.lang = document.documentElement.lang || 'en';
  made.head.prepend(
    meta({ charset: 'utf-8' }),
    meta({ 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    meta({ name: 'viewport', content: 'width=device-width, initial-scale=1' })
  );
  made.head.append(style);
  made.body.innerHTML = content;
  return `<!DOCTYPE html>\n${made.documentElement.outerHTML}\n`;
}

/** Have the browser save a text as a file. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/html' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has begun to read it by then.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, PATIENCE);
}
