import type { Kernel } from '@jupyterlab/services';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/** The result of an expression. */
export interface IValue {
  /** The value as Python prints it; null if it could not be computed. */
  readonly text: string | null;

  /** How many cells the kernel has run since it started. */
  readonly executed: number | null;
}

/**
 * Evaluate an expression in a Python kernel, outside its history.
 *
 * @param timeout - How long to wait, in milliseconds.
 * @returns null if the kernel does not run Python, is busy for longer, or ends.
 */
export async function evaluate(
  kernel: Kernel.IKernelConnection,
  expression: string,
  timeout: number
): Promise<IValue | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let question: IQuestion | null = null;
  const late = new Promise<null>(resolve => {
    timer = setTimeout(resolve, timeout, null);
  });
  const answer = async (): Promise<IValue | null> => {
    if (!(await isPython(kernel)) || timer === undefined) {
      return null;
    }
    question = ask(kernel, expression);
    return question.value;
  };
  const value = await Promise.race([answer().catch(() => null), late]);
  clearTimeout(timer);
  timer = undefined;
  (question as IQuestion | null)?.future.dispose();
  return value;
}

/** Run code in a kernel, outside its history. Returns why it failed, or null. */
export async function runSilently(
  kernel: Kernel.IKernelConnection,
  code: string
): Promise<string | null> {
  try {
    const { content } = await kernel.requestExecute({ ...SILENTLY, code }, true).done;
    return content.status === 'error' ? `${content.ename}: ${content.evalue}` : null;
  } catch (error) {
    return String(error);
  }
}

interface IQuestion {
  readonly future: ReturnType<Kernel.IKernelConnection['requestExecute']>;
  readonly value: Promise<IValue>;
}

const SILENTLY = {
  silent: true,
  store_history: false,
  allow_stdin: false,
  stop_on_error: false
} as const;

function ask(kernel: Kernel.IKernelConnection, expression: string): IQuestion {
  const future = kernel.requestExecute(
    { ...SILENTLY, code: '', user_expressions: { value: expression } },
    false
  );
  const value = future.done.then(({ content }) => ({
    text: content.status === 'ok' ? textOf(content.user_expressions.value) : null,
    executed: content.execution_count
  }));
  return { future, value };
}

async function isPython(kernel: Kernel.IKernelConnection): Promise<boolean> {
  return (await kernel.info).language_info.name === 'python';
}

function textOf(result: unknown): string | null {
  const { data } = (result ?? {}) as { readonly data?: ReadonlyPartialJSONObject };
  const text = data?.['text/plain'];
  return typeof text === 'string' ? text : null;
}
