import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import React from 'react';

import type { Root } from '../api';
import { idleTimes, idleWords } from './words';
import type { IDraft } from './draft';
import { Field, FieldGroup } from './field';
import type { NewClusterModel } from './model';

interface IProps {
  readonly model: NewClusterModel;
  readonly root: Root;
  readonly trans: TranslationBundle;
}

/** What each worker job requests, where it runs, and when the cluster ends by itself. */
export function ShapeFields({ model, root, trans }: IProps): React.JSX.Element {
  return (
    <>
      <div className="jp-AfLab-grid">
        <Cores model={model} trans={trans} />
        <Memory model={model} trans={trans} />
        <Gpus model={model} trans={trans} />
        {root.kernels.length > 0 && <Environment model={model} root={root} trans={trans} />}
        <Architecture model={model} root={root} trans={trans} />
        <IdleTimeout model={model} root={root} trans={trans} />
        <Time model={model} trans={trans} />
      </div>
      <Directory model={model} trans={trans} />
      {root.sites.length > 0 && <Sites model={model} root={root} trans={trans} />}
    </>
  );
}

function Cores({ model, trans }: Omit<IProps, 'root'>): React.JSX.Element {
  const { cores } = model.draft;
  return (
    <Field
      field="cores"
      label={trans.__('Cores per job')}
      hint={Number(cores) > 1 ? trans.__('A job runs %1 workers.', cores) : undefined}
      wrong={model.wrong.cores}
    >
      {control => (
        <input
          {...control}
          className="jp-mod-styled"
          name="cores"
          type="number"
          min={1}
          step={1}
          value={cores}
          onChange={event => {
            model.edit({ cores: event.target.value });
          }}
        />
      )}
    </Field>
  );
}

function Memory({ model, trans }: Omit<IProps, 'root'>): React.JSX.Element {
  return (
    <Field field="memory" label={trans.__('Memory per job')} wrong={model.wrong.memory}>
      {control => (
        <input
          {...control}
          className="jp-mod-styled"
          name="memory"
          autoComplete="off"
          spellCheck={false}
          value={model.draft.memory}
          onChange={event => {
            model.edit({ memory: event.target.value });
          }}
        />
      )}
    </Field>
  );
}

function Gpus({ model, trans }: Omit<IProps, 'root'>): React.JSX.Element {
  return (
    <Field field="gpus" label={trans.__('GPUs per job')} wrong={model.wrong.gpus}>
      {control => (
        <input
          {...control}
          className="jp-mod-styled"
          name="gpus"
          type="number"
          min={0}
          step={1}
          value={model.draft.gpus}
          onChange={event => {
            model.edit({ gpus: event.target.value });
          }}
        />
      )}
    </Field>
  );
}

function Architecture({ model, root, trans }: IProps): React.JSX.Element {
  return (
    <Field field="arch" label={trans.__('Architecture')} wrong={model.wrong.arch}>
      {control => (
        <HTMLSelect
          {...control}
          defaultStyle={false}
          name="arch"
          value={model.draft.arch}
          options={[{ value: '', label: trans.__('same as here') }, ...root.architectures]}
          onChange={event => {
            model.edit({ arch: event.target.value });
          }}
        />
      )}
    </Field>
  );
}

function Environment({ model, root, trans }: IProps): React.JSX.Element {
  const own = root.kernels.filter(({ name }) => name === model.kernel);
  const others = root.kernels.filter(({ name }) => name !== model.kernel);
  return (
    <Field field="environment" label={trans.__('Environment')} wrong={model.wrong.environment}>
      {control => (
        <HTMLSelect
          {...control}
          defaultStyle={false}
          name="environment"
          value={model.draft.kernel}
          options={[
            ...own.map(({ name, display_name }) => ({
              value: name,
              label: trans.__('%1 (this notebook)', display_name)
            })),
            ...others.map(({ name, display_name }) => ({ value: name, label: display_name })),
            ...(model.path === null ? [] : [model.path])
          ]}
          onChange={event => {
            model.edit({ kernel: event.target.value });
          }}
        />
      )}
    </Field>
  );
}

function Directory({ model, trans }: Omit<IProps, 'root'>): React.JSX.Element {
  return (
    <Field
      field="directory"
      label={trans.__('Tasks start in the folder')}
      wrong={model.wrong.directory}
    >
      {control => (
        <input
          {...control}
          className="jp-mod-styled"
          name="directory"
          autoComplete="off"
          spellCheck={false}
          placeholder={trans.__('the top of your files')}
          value={model.draft.directory}
          onChange={event => {
            model.edit({ directory: event.target.value });
          }}
        />
      )}
    </Field>
  );
}

function Time({ model, trans }: Omit<IProps, 'root'>): React.JSX.Element {
  const { time } = model.draft;
  return (
    <Field
      field="time"
      label={trans.__('Each job runs at most')}
      hint={
        time === '' ? undefined : trans.__('Its workers leave before, others take their place.')
      }
      wrong={model.wrong.time}
    >
      {control => (
        <input
          {...control}
          className="jp-mod-styled"
          name="time"
          autoComplete="off"
          spellCheck={false}
          placeholder={trans.__('any time, or e.g. 2 h')}
          value={time}
          onChange={event => {
            model.edit({ time: event.target.value.trimStart() });
          }}
        />
      )}
    </Field>
  );
}

/** The value of the option without a time. */
const NEVER = 'never';

function IdleTimeout({ model, root, trans }: IProps): React.JSX.Element {
  const { idleTimeout } = model.draft;
  const times = idleTimes(root.defaults.idle_timeout, idleTimeout);
  return (
    <Field
      field="idle_timeout"
      label={trans.__('Ends when idle for')}
      wrong={model.wrong.idle_timeout}
    >
      {control => (
        <HTMLSelect
          {...control}
          defaultStyle={false}
          name="idle_timeout"
          value={idleTimeout ?? NEVER}
          options={times.map(time => ({
            value: String(time ?? NEVER),
            label: idleWords(time, trans)
          }))}
          onChange={({ target: { value } }) => {
            model.edit({ idleTimeout: value === NEVER ? null : Number(value) });
          }}
        />
      )}
    </Field>
  );
}

function Sites({ model, root, trans }: IProps): React.JSX.Element {
  const { sites } = model.draft;
  const choose = (name: string, chosen: boolean): Pick<IDraft, 'sites'> => ({
    sites: root.sites
      .map(site => site.name)
      .filter(known => (known === name ? chosen : sites.includes(known)))
  });
  return (
    <FieldGroup
      field="sites"
      label={trans.__('Sites (none ticked: anywhere)')}
      wrong={model.wrong.sites}
    >
      {control =>
        root.sites.map(({ name, label }) => (
          <label key={name}>
            <input
              aria-describedby={control['aria-describedby']}
              name="sites"
              type="checkbox"
              value={name}
              checked={sites.includes(name)}
              onChange={event => {
                model.edit(choose(name, event.target.checked));
              }}
            />
            {label}
          </label>
        ))
      }
    </FieldGroup>
  );
}
