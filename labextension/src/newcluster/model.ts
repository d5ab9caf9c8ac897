import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { type ApiError, asApiError, type NewCluster, type Root } from '../api';
import type { IFacility } from '../tokens';
import { checkDraft, type FieldName, FIELDS, type Wrong } from './validate';
import { draftOf, type IDraft, type IStart, requestOf, shapeOf } from './draft';
import { Matching } from './matching';
import { placeRefusal } from './fielderrors';

export interface INewClusterModelOptions extends Omit<IStart, 'root'> {
  readonly facility: Pick<IFacility, 'about' | 'match'>;
  readonly trans: TranslationBundle;
}

/** The state of the form for a new cluster. */
export class NewClusterModel implements IDisposable {
  constructor(options: INewClusterModelOptions) {
    this._options = options;
    this.matching = new Matching(specification => options.facility.match(specification));
  }

  /** What the pool has for it. */
  readonly matching: Matching;

  /** Emitted when anything below has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the facility offers; null while that is not known. */
  get root(): Root | null {
    return this._root;
  }

  /** Why the facility's options could not be loaded. */
  get trouble(): ApiError | null {
    return this._trouble;
  }

  /** Name of the active notebook's kernel. */
  get kernel(): string | null {
    return this._options.kernel;
  }

  get draft(): IDraft {
    return draftOf({ ...this._options, root: this._root }, this._typed);
  }

  get isValid(): boolean {
    return Object.keys(this._unfit()).length === 0;
  }

  /** What is wrong, by field. */
  get wrong(): Wrong {
    return { ...this._placed().beside, ...this._unfit() };
  }

  /** The part of the server's refusal that belongs to no field. */
  get refusal(): string | null {
    return this._placed().rest;
  }

  get request(): NewCluster {
    return requestOf(this.draft, this._root);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.matching.dispose();
    Signal.clearData(this);
  }

  /** Load the facility's options. Never rejects: `trouble` has the error. */
  async load(): Promise<void> {
    try {
      this._root = await this._options.facility.about();
    } catch (error) {
      this._trouble = asApiError(error);
    }
    if (!this._isDisposed) {
      this._update();
    }
  }

  /** Apply the user's input. */
  edit(typed: Partial<IDraft>): void {
    this._typed = { ...this._typed, ...typed };
    this._refusal = null;
    this._update();
  }

  /** Show the server's refusal; null hides it. */
  setRefusal(refusal: ApiError | null): void {
    this._refusal = refusal;
    this._changed.emit();
  }

  private _update(): void {
    this.matching.want(this._root && this.isValid ? shapeOf(this.draft) : null);
    this._changed.emit();
  }

  private _unfit(): Wrong {
    return checkDraft(this.draft, this._root, this._options.trans);
  }

  private _placed(): ReturnType<typeof placeRefusal> {
    return placeRefusal(this._refusal, this._shown(), this._options.trans);
  }

  private _shown(): ReadonlySet<FieldName> {
    const root = this._root;
    return new Set(
      FIELDS.filter(
        field =>
          field === 'name' ||
          field === 'workers' ||
          (root &&
            (field !== 'sites' || root.sites.length > 0) &&
            (field !== 'environment' || root.kernels.length > 0))
      )
    );
  }

  private readonly _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private readonly _options: INewClusterModelOptions;
  private _refusal: ApiError | null = null;
  private _root: Root | null = null;
  private _trouble: ApiError | null = null;
  private _typed: Partial<IDraft> = {};
}
