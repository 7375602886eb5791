import { VendorError, type VendorErrorFacts } from '../domain/errors.ts';
import { type Redact, redactor } from '../domain/redact.ts';
import { withoutQueries } from '../domain/without-queries.ts';

/** Sentences for people. */
const sentences: ReadonlySet<string> = new Set(['waitingFor', 'message', 'advice', 'reason', 'note']);
/** What the vendor says of an encoder or a recording, as it says it. */
const said: ReadonlySet<string> = new Set(['vendorState', 'evidence', 'facts', 'finality']);
/** Only the driver that gave it reads it. */
const ownField = 'details';
/** Gives lines for people. */
const methodOfLines = 'setUp';
const textFacts = ['message', 'advice', 'resource', 'code', 'requestId'] as const;

/**
 * What speaks to a vendor, without the secrets in its failures and in its words for people: the vendor, or what answers in its
 * place, may repeat a key. Names, addresses and times stay as they are, because things are found again by them. Inside, words
 * are kept whole: half a secret is recognised by no redaction.
 */
export function masked<T extends object>(speaker: T, secrets: readonly string[]): T {
  const hide = redactor(secrets);
  const clean: Redact = (text) => withoutQueries(hide(text));
  const words = (value: unknown, by?: Redact): unknown => {
    if (typeof value === 'string') return by ? by(value) : value;
    if (Array.isArray(value)) return value.map((one) => words(one, by));
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    const fields = Object.entries(value).map(([name, field]: [string, unknown]) => {
      if (name === ownField) return [name, field];
      return [name, words(field, by ?? (sentences.has(name) ? clean : said.has(name) ? hide : undefined))];
    });
    return Object.fromEntries(fields);
  };
  const failed = (error: unknown): never => {
    throw error instanceof VendorError ? maskedError(error, clean) : error;
  };
  const members = Object.entries(speaker).map(([name, member]: [string, unknown]) => {
    if (typeof member !== 'function') return [name, member];
    const given = (value: unknown) => words(value, name === methodOfLines ? clean : undefined);
    const method = (...args: unknown[]): unknown => {
      try {
        const answer: unknown = member.apply(speaker, args);
        return answer instanceof Promise ? answer.then(given, failed) : given(answer);
      } catch (error) {
        return failed(error);
      }
    };
    return [name, method];
  });
  return Object.fromEntries(members) as T;
}

function maskedError(error: VendorError, clean: Redact): VendorError {
  const facts: VendorErrorFacts = { ...error.facts };
  for (const fact of textFacts) {
    const text = facts[fact];
    if (text !== undefined) facts[fact] = clean(text);
  }
  return withStackOf(new VendorError(facts, causeOf(error, clean)), error, clean);
}

/** What an SDK throws holds the request and the answer too; of that, and of what caused it, the words and the place are kept. */
function causeOf({ cause }: Error, clean: Redact): ErrorOptions {
  if (!(cause instanceof Error)) return {};
  const shown = new Error(clean(cause.message), causeOf(cause, clean));
  shown.name = cause.name;
  return { cause: withStackOf(shown, cause, clean) };
}

const withStackOf = <T extends Error>(shown: T, { stack }: Error, clean: Redact): T =>
  Object.assign(shown, { stack: stack === undefined ? '' : clean(stack) });
