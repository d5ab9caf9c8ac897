import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type ApiError,
  asApiError,
  ExtensionMissing,
  type Fit,
  type Match,
  type NewCluster,
  type Root,
  type Specification
} from '../api';
import type { IFacility } from '../tokens';
import { checkDraft, type FieldName, FIELDS, type Wrong } from './validate';
import {
  draftOf,
  type IDraft,
  type IStart,
  matchTheSame,
  requestOf,
  shapeOf,
  withoutMatched
} from './draft';
import { fittedDraft, fittedWords } from './fitted';
import { Matching } from './matching';
import { type IOrigin, type Kept, keptOf } from './origin';
import { placeRefusal } from './fielderrors';
import { type IChoice, repeatedWords, shapeWords } from './repeated';

/** How long the form waits for whether the last choice still matches slots, in milliseconds. */
const PATIENCE = 2_000;

export interface INewClusterModelOptions extends Omit<IStart, 'root'> {
  readonly facility: Pick<IFacility, 'about' | 'match'>;
  /** The cluster that the suggestion is taken from; the last choice if there is none. */
  readonly origin?: IOrigin;
  readonly trans: TranslationBundle;
}

/** The state of the form for a new cluster. */
export class NewClusterModel implements IDisposable {
  constructor(options: INewClusterModelOptions) {
    this._options = options;
    this._suggestion = options.suggestion;
    this._kept = options.origin ? keptOf(options.suggestion) : {};
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
    return this._draft(this._suggestion, this._root, this._typed);
  }

  /** What it repeats of the last choice, in words; empty if nothing. */
  get repeated(): string {
    const root = this._root;
    return root ? repeatedWords(this.draft, this._choice(root), root, this._options.trans) : '';
  }

  /** The cluster that it is like; null if it is like the last choice. */
  get origin(): IOrigin | null {
    return this._options.origin ?? null;
  }

  /** What it has of the origin, although it shows no field for it. */
  get kept(): Kept {
    return this._kept;
  }

  /** The path of the Python that it suggests; null if it suggests a kernel. */
  get path(): string | null {
    const { environment } = this._suggestion;
    return environment && 'path' in environment ? environment.path : null;
  }

  /** What was changed so that a slot can run it, in words; empty if nothing. */
  get fitted(): string {
    return this._fitted;
  }

  /** What it does not repeat because no slot can ever run it, in words; empty if nothing. */
  get dropped(): string {
    return this._dropped;
  }

  get isValid(): boolean {
    return !this.isImpossible && Object.keys(this._unfit()).length === 0;
  }

  /** Whether the server lacks what creates clusters. */
  get isImpossible(): boolean {
    return this._trouble instanceof ExtensionMissing;
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
    return requestOf(this.draft, this._root, this._kept);
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
      const root = await this._options.facility.about();
      if (!this.origin) {
        await this._dropUnmatched(root);
      }
      this._root = root;
      if (this.origin?.fits) {
        this._fit(this.origin.fits, root);
      }
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

  /** Request what a slot can run instead. */
  useFit(fit: Fit): void {
    if (this._root) {
      this._fit(fit, this._root);
      this._refusal = null;
      this._update();
    }
  }

  /** Show the server's refusal; null hides it. */
  setRefusal(refusal: ApiError | null): void {
    this._refusal = refusal;
    this._changed.emit();
  }

  private _draft(
    suggestion: IStart['suggestion'],
    root: Root | null,
    typed: Partial<IDraft> = {}
  ): IDraft {
    return draftOf({ ...this._options, suggestion, root }, typed);
  }

  private _fit(fit: Fit, root: Root): void {
    const { draft } = this;
    const { disk } = this._kept;
    const before = typeof disk === 'number' ? disk : root.defaults.disk;
    this._fitted = fittedWords(draft, before, fit, this._options.trans);
    this._typed = { ...this._typed, ...fittedDraft(draft, fit) };
    if (before !== fit.disk) {
      this._kept = { ...this._kept, disk: fit.disk };
    }
  }

  private _choice(root: Root): IChoice {
    const { name } = this._suggestion;
    return { last: this._draft(this._suggestion, root), usual: this._draft({ name }, root) };
  }

  /** Drop what no slot can ever run, if slots match the defaults. Never rejects. */
  private async _dropUnmatched(root: Root): Promise<void> {
    const choice = this._choice(root);
    if (matchTheSame(choice.last, choice.usual)) {
      return;
    }
    const [last, usual] = [shapeOf(choice.last), shapeOf(choice.usual)];
    const ask = (shape: Specification): Promise<Match | null> =>
      this._options.facility.match(shape).catch(() => null);
    const [matching, usually] = await Promise.race([
      Promise.all([ask(last), ask(usual)]),
      new Promise<null[]>(resolve => setTimeout(resolve, PATIENCE, []))
    ]);
    if (matching) {
      this.matching.learn(last, matching);
    }
    if (matching?.ever === 0 && usually && usually.ever > 0) {
      this._dropped = shapeWords(choice, root, this._options.trans);
      this._suggestion = withoutMatched(this._suggestion);
      this.matching.learn(shapeOf(this._draft(this._suggestion, root)), usually);
    }
  }

  private _update(): void {
    this.matching.want(this._root && this.isValid ? shapeOf(this.draft, this._kept) : null);
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
  private _dropped = '';
  private _fitted = '';
  private _isDisposed = false;
  private _kept: Kept;
  private readonly _options: INewClusterModelOptions;
  private _refusal: ApiError | null = null;
  private _root: Root | null = null;
  private _suggestion: IStart['suggestion'];
  private _trouble: ApiError | null = null;
  private _typed: Partial<IDraft> = {};
}
