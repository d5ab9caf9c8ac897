import type { TranslationBundle } from '@jupyterlab/translation';

import type { ApiError } from '../api';
import { explainRefusal } from '../shared/words';
import { type FieldName, FIELDS, type Wrong } from './validate';

/** The server's refusal, by field. */
export interface IPlaced {
  readonly beside: Wrong;
  /** What belongs to no field. */
  readonly rest: string | null;
}

/** Find the fields that a refusal is about. */
export function placeRefusal(
  refusal: ApiError | null,
  shown: ReadonlySet<FieldName>,
  trans: TranslationBundle
): IPlaced {
  if (!refusal) {
    return { beside: {}, rest: null };
  }
  const words = explainRefusal(refusal, trans);
  const found = findFields(refusal, words).map(([field, text]) =>
    field && shown.has(field) ? ([field, text] as const) : ([null, text] as const)
  );
  const rest = found.flatMap(([field, text]) => (field ? [] : [text])).join(' ');
  const beside: Partial<Record<FieldName, string>> = {};
  for (const [field, text] of found) {
    if (field) {
      beside[field] = [beside[field], text].filter(Boolean).join(' ');
    }
  }
  return { beside, rest: rest || null };
}

function findFields(
  { code, about }: ApiError,
  words: string
): (readonly [FieldName | null, string])[] {
  switch (code) {
    case 'ClusterExists':
      return [['name', words]];
    case 'EnvironmentMismatch':
      return [['environment', words]];
    case 'LimitExceeded':
      // Fewer workers do not help if the user has reached the limit of clusters.
      return [[about.limit === 'clusters' ? null : 'workers', words]];
    default: {
      const fields = Object.entries(about.fields ?? {});
      return fields.length === 0
        ? [[null, words]]
        : fields.map(([name, text]) => {
            const field = FIELDS.find(known => known === (name === 'adapt' ? 'workers' : name));
            return field ? [field, text] : [null, `${name}: ${text}`];
          });
    }
  }
}
