import { VendorError, type VendorErrorFacts } from '../domain/errors.ts';
import { type Redact, redactor } from '../domain/redact.ts';
import { beginningOf, shortened } from '../domain/text.ts';
import { withoutQueries } from '../domain/without-queries.ts';

/** Sentences for people. */
const sentences: ReadonlySet<string> = new Set(['waitingFor', 'message', 'advice', 'reason', 'note']);
/** What the vendor says of an encoder or a recording, as it says it. */
const said: ReadonlySet<string> = new Set(['vendorState', 'evidence', 'facts', 'finality']);
/** Only the driver that gave it reads it. */
const ownField = 'details';
/** Gives lines for people. */
const methodOfLines = 'setUp';
const sentenceFacts = ['message', 'advice', 'resource'] as const;
/** By these the vendor's support finds a request: a part that looks like the token of an address is none. */
const nameFacts = ['code', 'requestId'] as const;
/** More of a vendor's words explains nothing, and Temporal refuses a failure of megabytes: the run would wait without a reason. */
const longestWords = 1_000;
const longestName = 200;
/** An answer of megabytes is searched for secrets in a moment, and for addresses not; what is behind is never shown. */
const mostSearched = 1024 * 1024;
const mostRead = 64 * 1024;
/** No answer of a driver and no chain of causes needs as many; without a bound a deep one ends the stack. */
const mostLevels = 12;

/**
 * What speaks to a vendor, without the secrets in its failures and in its words for people: the vendor, or what answers in its
 * place, may repeat a key. Names, addresses and times stay as they are, because things are found again by them. Inside, words
 * are kept whole, and what is too long is cut here: half a secret is recognised by no redaction.
 */
export function masked<T extends object>(speaker: T, secrets: readonly string[]): T {
  const redact = redactor(secrets);
  const hide: Redact = (text) => redact(beginningOf(text, mostSearched));
  const clean: Redact = (text) => withoutQueries(shortened(hide(text), mostRead));
  const words = (value: unknown, by?: Redact, level = 0): unknown => {
    if (typeof value === 'string') return by ? by(value) : value;
    const isList = Array.isArray(value);
    if (!isList && (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype))
      return value;
    if (level >= mostLevels) return undefined;
    if (isList) return value.map((one) => words(one, by, level + 1));
    const fields = Object.entries(value).map(([name, field]: [string, unknown]) => {
      if (name === ownField) return [name, field];
      return [name, words(field, by ?? (sentences.has(name) ? clean : said.has(name) ? hide : undefined), level + 1)];
    });
    return Object.fromEntries(fields);
  };
  const failed = (error: unknown): never => {
    throw error instanceof VendorError ? maskedError(error, hide, clean) : maskedInPlace(error, clean);
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

function maskedError(error: VendorError, hide: Redact, clean: Redact): VendorError {
  const facts: VendorErrorFacts = { ...error.facts };
  for (const fact of sentenceFacts) {
    const text = facts[fact];
    if (text !== undefined) facts[fact] = clean(text);
  }
  facts.message = shortened(facts.message, longestWords);
  for (const fact of nameFacts) {
    const text = facts[fact];
    if (text !== undefined) facts[fact] = shortened(hide(text), longestName);
  }
  return withStackOf(new VendorError(facts, causeOf(error, clean)), error, clean);
}

/** What an SDK throws holds the request and the answer too; of that, and of what caused it, the words and the place are kept. */
function causeOf({ cause }: Error, clean: Redact, level = 0): ErrorOptions {
  if (!(cause instanceof Error) || level >= mostLevels) return {};
  const shown = new Error(shortened(clean(cause.message), longestWords), causeOf(cause, clean, level + 1));
  shown.name = cause.name;
  return { cause: withStackOf(shown, cause, clean) };
}

const withStackOf = <T extends Error>(shown: T, { stack }: Error, clean: Redact): T =>
  Object.assign(shown, { stack: stack === undefined ? '' : clean(stack) });

/** What is not of a vendor stays the same object, because a cancellation is known by itself. */
function maskedInPlace(error: unknown, clean: Redact, level = 0): unknown {
  if (typeof error === 'string') return clean(error);
  if (!(error instanceof Error)) return error;
  const cause = level < mostLevels ? maskedInPlace(error.cause, clean, level + 1) : undefined;
  const masks = { message: clean(error.message), stack: error.stack && clean(error.stack), cause };
  for (const [name, value] of Object.entries(masks))
    if (value !== error[name as keyof typeof masks])
      Reflect.defineProperty(error, name, { value, configurable: true, writable: true });
  return error;
}
