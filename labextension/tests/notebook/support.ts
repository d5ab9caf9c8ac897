/** Kernels, notebooks and consoles that do what the tests say. */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { IKernelClient } from '../../src/notebook/client';

/** As the expression gives it: JSON in hexadecimal digits, as Python prints a text. */
export function printed(value: unknown): string {
  const digits = Array.from(JSON.stringify(value), char =>
    char.charCodeAt(0).toString(16).padStart(2, '0')
  );
  return `'${digits.join('')}'`;
}

/** A kernel that answers with a client, or does not answer. */
export class SetKernel {
  constructor(readonly id = 'k1') {}

  client: IKernelClient | null = null;
  executed = 0;
  isSilent = false;
  language = 'python';
  status: Kernel.Status = 'idle';
  error: { readonly ename: string; readonly evalue: string } | null = null;
  readonly requests: Record<string, unknown>[] = [];
  disposed = 0;

  get info(): Promise<unknown> {
    return Promise.resolve({ language_info: { name: this.language } });
  }

  requestExecute(request: Record<string, unknown>): { done: Promise<unknown>; dispose(): void } {
    this.requests.push(request);
    const done = new PromiseDelegate<unknown>();
    const content = this.error
      ? { status: 'error', execution_count: this.executed, ...this.error }
      : {
          status: 'ok',
          execution_count: this.executed,
          user_expressions: {
            value: { status: 'ok', data: { 'text/plain': printed(this.client) } }
          }
        };
    if (!this.isSilent) {
      done.resolve({ content });
    }
    return {
      done: done.promise,
      dispose: () => {
        this.disposed += 1;
        done.reject(new Error('Canceled future for execute_request message'));
      }
    };
  }

  get asConnection(): Kernel.IKernelConnection {
    return this as unknown as Kernel.IKernelConnection;
  }
}

/** The session of a notebook or console. */
export class SetContext {
  constructor(public kernel: SetKernel | null = new SetKernel()) {}

  readonly kernelChanged = new Signal<this, unknown>(this);
  readonly statusChanged = new Signal<this, Kernel.Status>(this);

  get session(): { kernel: SetKernel | null } {
    return { kernel: this.kernel };
  }

  setKernel(kernel: SetKernel): void {
    this.kernel = kernel;
    this.kernelChanged.emit({});
  }

  setStatus(status: Kernel.Status): void {
    if (this.kernel) {
      this.kernel.status = status;
    }
    this.statusChanged.emit(status);
  }
}

/** A notebook, as far as it matters here. */
export class SetNotebook extends Widget {
  constructor(readonly context = new SetContext()) {
    super();
  }

  readonly content = {};

  get sessionContext(): ISessionContext {
    return this.context as unknown as ISessionContext;
  }
}

/** A console, as far as it matters here. */
export class SetConsole extends Widget {
  constructor(readonly context = new SetContext()) {
    super();
  }

  get sessionContext(): ISessionContext {
    return this.context as unknown as ISessionContext;
  }

  readonly console = { executed: new Signal<object, Date>({}) };
}

/** Notebooks or consoles, one of which is current. */
export class SetTracker<T extends Widget> {
  readonly currentChanged = new Signal<this, T | null>(this);
  readonly widgetAdded = new Signal<this, T>(this);
  currentWidget: T | null = null;
  readonly widgets: T[] = [];

  add(widget: T): void {
    this.widgets.push(widget);
    this.widgetAdded.emit(widget);
  }

  forEach(visit: (widget: T) => void): void {
    this.widgets.forEach(visit);
  }

  setCurrent(widget: T | null): void {
    this.currentWidget = widget;
    this.currentChanged.emit(widget);
  }
}
