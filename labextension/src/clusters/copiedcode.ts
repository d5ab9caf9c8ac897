/** The code that creates a cluster, in Python and for a shell, as pure functions of the request. */
import type { NewCluster } from '../api';
import { sizeText } from '../shared/size';
import { timeText } from '../shared/timetext';

type Value = string | number | boolean;

/**
 * Python that creates the cluster, or connects to it.
 *
 * @param variables - Names of environment variables; their values are taken from the environment of whoever runs it.
 */
export function pythonCode(request: NewCluster, variables: readonly string[] = []): string {
  const { adapt, workers } = request;
  const given: readonly (readonly [string, string | undefined])[] = [
    ['workers', adapt ? undefined : literal(workers)],
    ['adapt', adapt && `(${adapt.minimum}, ${adapt.maximum})`],
    ['cores', literal(request.cores)],
    ['memory', literal(size(request.memory))],
    ['disk', literal(size(request.disk))],
    ['gpus', literal(request.gpus)],
    ['arch', literal(request.arch ?? undefined)],
    ['sites', request.sites && `[${request.sites.map(site => literal(site)).join(', ')}]`],
    ['environment', request.environment && dict(Object.entries(request.environment))],
    ['directory', literal(request.directory)],
    ['variables', variables.length > 0 ? environ(variables) : undefined],
    ['submit', request.submit && dict(Object.entries(request.submit))],
    ['time', literal(time(request.time ?? undefined))],
    ['idle_timeout', request.idle_timeout === null ? 'None' : literal(time(request.idle_timeout))]
  ];
  return [
    ...(variables.length > 0 ? ['import os', ''] : []),
    'import af_lab',
    '',
    'cluster = af_lab.cluster(',
    `    ${literal(request.name)},`,
    ...given.flatMap(([name, value]) => (value === undefined ? [] : [`    ${name}=${value},`])),
    ')',
    'client = cluster.get_client()'
  ].join('\n');
}

/** A command for a shell that creates the cluster; the variables have their values in that shell. */
export function commandLine(request: NewCluster, variables: readonly string[] = []): string {
  const { adapt, environment, idle_timeout: idle } = request;
  const options: readonly (readonly [string, ...(string | number | undefined)[]])[] = [
    adapt ? ['--adapt', adapt.minimum, adapt.maximum] : ['--workers', request.workers],
    ['--cores', request.cores],
    ['--memory', size(request.memory)],
    ['--disk', size(request.disk)],
    ['--gpus', request.gpus],
    ['--arch', request.arch ?? undefined],
    ...(request.sites ?? []).map(site => ['--site', site] as const),
    environment && 'kernel' in environment
      ? ['--kernel', environment.kernel]
      : ['--python', environment?.path],
    ['--directory', request.directory],
    ...variables.map(name => ['--env', name] as const),
    ...Object.entries(request.submit ?? {}).map(
      ([key, value]) => ['--submit', assignment(key, value)] as const
    ),
    ['--time', time(request.time ?? undefined)],
    ['--idle-timeout', idle === null ? 'never' : time(idle)]
  ];
  const words = options.flatMap(([option, ...values]) =>
    values.includes(undefined) ? [] : [option, ...values.map(value => quoted(String(value)))]
  );
  return ['af-lab cluster create', quoted(request.name), ...words].join(' ');
}

/** A value in Python. JSON's texts are texts of Python too. */
function literal(value: Value): string;
function literal(value: Value | undefined): string | undefined;
function literal(value: Value | undefined): string | undefined {
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  return value === undefined ? undefined : JSON.stringify(value);
}

function dict(entries: readonly (readonly [string, Value])[]): string {
  return `{${entries.map(([key, value]) => `${literal(key)}: ${literal(value)}`).join(', ')}}`;
}

function environ(names: readonly string[]): string {
  return `{${names.map(name => `${literal(name)}: os.environ[${literal(name)}]`).join(', ')}}`;
}

function size(value: NewCluster['memory']): string | undefined {
  return typeof value === 'number' ? sizeText(value) : value;
}

function time(value: string | number | undefined): string | undefined {
  return typeof value === 'number' ? timeText(value) : value;
}

/** A submit command. The text of an attribute is put in quotes if it looks like something else. */
function assignment(key: string, value: Value): string {
  const isText = typeof value === 'string' && /^(\+|my\.)/i.test(key);
  return isText && LOOKS_ELSE.test(value) ? `${key}="${value}"` : `${key}=${value}`;
}

/** A number, a truth value, an empty text, or blanks at an end. */
const LOOKS_ELSE = /^$|^\s|\s$|^(true|false)$|^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A word of a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
