import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { ConsolePanel, IConsoleTracker } from '@jupyterlab/console';
import {
  type INotebookTracker,
  type Notebook,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

export interface ICurrentPlaceOptions {
  readonly consoles: IConsoleTracker | null;
  readonly notebooks: INotebookTracker | null;
  readonly shell: Pick<JupyterFrontEnd.IShell, 'currentChanged' | 'currentWidget'>;
}

/** The notebook or console that the user worked with last. */
export class CurrentPlace implements IDisposable {
  constructor({ consoles, notebooks, shell }: ICurrentPlaceOptions) {
    this._consoles = consoles;
    this._notebooks = notebooks;
    this._shell = shell;
    // A tracker does not signal that its widget is current again after a widget of the other tracker.
    shell.currentChanged?.connect(this._onCurrent, this);
    notebooks?.currentChanged.connect(this._onCurrent, this);
    consoles?.currentChanged.connect(this._onCurrent, this);
    NotebookActions.executed.connect(this._onCell, this);
    this._onCurrent();
  }

  /** Emitted when `context` has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when a cell has been run there. */
  get executed(): ISignal<this, void> {
    return this._executed;
  }

  /** Its session; null: there is none. */
  get context(): ISessionContext | null {
    return this._panel?.sessionContext ?? null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _onCurrent(): void {
    const panel = this._find();
    if (panel === this._panel) {
      return;
    }
    consoleOf(this._panel)?.executed.disconnect(this._onExecuted, this);
    this._panel = panel;
    consoleOf(panel)?.executed.connect(this._onExecuted, this);
    this._changed.emit();
  }

  /** A widget of another kind, such as a plot, changes nothing. */
  private _find(): Panel | null {
    const panels: Panel[] = [];
    this._notebooks?.forEach(panel => panels.push(panel));
    this._consoles?.forEach(panel => panels.push(panel));
    const candidates = [
      this._shell.currentWidget,
      this._panel,
      this._notebooks?.currentWidget,
      this._consoles?.currentWidget
    ];
    for (const candidate of candidates) {
      const found = panels.find(panel => panel === candidate);
      if (found) {
        return found;
      }
    }
    return null;
  }

  private _onCell(_: unknown, { notebook }: { notebook: Notebook }): void {
    if (this._panel && 'content' in this._panel && this._panel.content === notebook) {
      this._executed.emit();
    }
  }

  private _onExecuted(): void {
    this._executed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _consoles: IConsoleTracker | null;
  private readonly _executed = new Signal<this, void>(this);
  private _isDisposed = false;
  private readonly _notebooks: INotebookTracker | null;
  private _panel: Panel | null = null;
  private readonly _shell: ICurrentPlaceOptions['shell'];
}

type Panel = ConsolePanel | NotebookPanel;

function consoleOf(panel: Panel | null): ConsolePanel['console'] | null {
  return panel && 'console' in panel ? panel.console : null;
}
