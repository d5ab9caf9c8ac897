/** What looks like a secret does not leave in a file that users send to others. */

const REMOVED = '[removed]';

const PRIVATE_KEY =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** The payload of a token of the web (JWT) begins with the text of an object. */
const WEB_TOKEN = /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g;

/** `https://user:password@host` */
const USER = /(:\/\/)[^\s/@:]+:[^\s/@]+(?=@)/g;

/** `Authorization: Bearer abc`, `Cookie: a=b; c=d`: all of the line. */
const HEADER = /((?:cookie|authorization)\\?["']?\s*[:=][ \t]*)[^\r\n]+/gi;

const SECRET_KEY = /token|passw(?:or)?d|passphrase|secret|api[_-]?key|credential/i;

/** `TOKEN=abc`, `"password": "a b"`, and the same in a text within a text. */
const ASSIGNED =
  /((?:token|passw(?:or)?d|passphrase|secret|api[_-]?key|credential)[\w.-]*\\?["']?\s*[:=]\s*)(?:\\?"[^"\r\n]*"|\\?'[^'\r\n]*'|[^\s"'&,;]+)/gi;

/** A text without what looks like a secret. */
export function redacted(text: string): string {
  return text
    .replace(PRIVATE_KEY, REMOVED)
    .replace(WEB_TOKEN, REMOVED)
    .replace(USER, `$1${REMOVED}`)
    .replace(HEADER, `$1${REMOVED}`)
    .replace(ASSIGNED, `$1${REMOVED}`);
}

/** Data with all of its texts redacted. */
export function redactedData<T>(data: T): T {
  return JSON.parse(JSON.stringify(data), (key, value: unknown) => {
    if (typeof value !== 'string') {
      return value;
    }
    return SECRET_KEY.test(key) ? REMOVED : redacted(value);
  }) as T;
}
