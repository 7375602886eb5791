/** A sequence of requests as a client sent them to the real service, and what it answered: facts, in our own notation. */
export interface Recording {
  /** Where the traffic was published. */
  source: string;
  apiVersion: string;
  /** The region of the account. */
  location: string;
  /** What was there before the first exchange; each is waited for. */
  given?: readonly Pick<Exchange, 'request' | 'body'>[];
  exchanges: readonly Exchange[];
  /** Instants by their names, the earlier first. */
  order?: readonly (readonly [earlier: string, later: string])[];
}

export interface Exchange {
  /** Method and path below the account (or a URL), with the api-version left out: it is added. */
  request: string;
  body?: unknown;
  /** The `Accept` header; null for a client that sent none. Default `application/json`. */
  accept?: string | null;
  status: number;
  /** Lower case. Those that decide what a client does must be absent when they are not listed. */
  headers: Readonly<Record<string, string>>;
  /** Every member, in the order of the wire. Absent: an empty body. */
  answer?: unknown;
  /** What may be answered any number of times before `answer`: the operation goes on. */
  pending?: unknown;
}

/** A client behaves otherwise when one of these comes that the service did not send. */
const decisive = ['azure-asyncoperation', 'location', 'retry-after', 'odata-version', 'content-language'];

/**
 * `{kind}` stands for a value of that form, `{kind:name}` for one that is the same wherever the name comes again.
 * `{root}` is the account's URL as polls have it, `{id}` its path as resources have it.
 */
const forms: Record<string, string> = {
  guid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  token: '[0-9a-f]{32}',
  /** Up to seven digits of a second. */
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{0,6}[1-9])?Z',
  /** Of a clock with 300 ticks a second. */
  coarse: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.(?:\\d\\d[37]|\\d{1,2}))?Z',
  /** In front of the id that a region gives a call. */
  region: '[A-Z0-9]+',
  compact: '\\d{8}T\\d{6}Z',
  number: '\\d+',
  /** A host name, its port, and on loopback what stands for the name. */
  host: '[^/]+(?:/[^/]+)?',
  text: '[^"]+',
};

/** Matches answers against their notation and remembers what the names stood for. */
export class Matcher {
  readonly #known: Map<string, string>;

  constructor(known: Readonly<Record<string, string>>) {
    this.#known = new Map(Object.entries(known));
  }

  /** The text with every name replaced by what it stood for. */
  fill(text: string): string {
    return text.replace(/\{(?:\w+:)?(\w+)\}/g, (whole, name: string) => this.#known.get(name) ?? whole);
  }

  /** Undefined while nothing had that name. */
  known(name: string): string | undefined {
    return this.#known.get(name);
  }

  /** Where `actual` is not what `expected` says; empty when it is. */
  differences(expected: unknown, actual: unknown, path = ''): string[] {
    if (typeof expected === 'string' && typeof actual === 'string') return this.#text(expected, actual, path);
    if (Array.isArray(expected) && Array.isArray(actual)) {
      if (expected.length !== actual.length) return [`${path}: ${actual.length} elements, not ${expected.length}`];
      return expected.flatMap((one, index) => this.differences(one, actual[index], `${path}[${index}]`));
    }
    if (isObject(expected) && isObject(actual)) return this.#members(expected, actual, path);
    return Object.is(expected, actual) ? [] : [`${path}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
  }

  #members(expected: Record<string, unknown>, actual: Record<string, unknown>, path: string): string[] {
    const [wanted, found] = [Object.keys(expected), Object.keys(actual)];
    const missing = wanted.filter((key) => !found.includes(key)).map((key) => `${path}.${key}: missing`);
    const foreign = found.filter((key) => !wanted.includes(key)).map((key) => `${path}.${key}: never sent`);
    const both = wanted.filter((key) => found.includes(key));
    const inOrder = found.filter((key) => wanted.includes(key)).join() === both.join();
    return [
      ...missing,
      ...foreign,
      ...(inOrder ? [] : [`${path}: the order is ${found.join(', ')}, not ${wanted.join(', ')}`]),
      ...both.flatMap((key) => this.differences(expected[key], actual[key], `${path}.${key}`)),
    ];
  }

  #text(expected: string, actual: string, path: string): string[] {
    const names: string[] = [];
    const pattern = expected
      .split(/(\{\w+(?::\w+)?\})/)
      .map((part) => this.#part(part, names))
      .join('');
    const match = new RegExp(`^${pattern}$`).exec(actual);
    if (!match) return [`${path}: ${JSON.stringify(actual)}, not ${JSON.stringify(this.fill(expected))}`];
    for (const [index, name] of names.entries()) this.#known.set(name, match[index + 1] ?? '');
    return [];
  }

  #part(part: string, names: string[]): string {
    const [, form, name = form] = /^\{(\w+)(?::(\w+))?\}$/.exec(part) ?? [];
    if (form === undefined || name === undefined) return literal(part);
    const known = this.#known.get(name);
    if (known !== undefined) return literal(known);
    const anything = forms[form];
    if (anything === undefined) throw new Error(`there is no form ${form}`);
    if (name === form) return anything;
    names.push(name);
    return `(${anything})`;
  }

  headerDifferences(expected: Readonly<Record<string, string>>, actual: Headers): string[] {
    const present = Object.entries(expected).flatMap(([name, value]) =>
      this.differences(value, actual.get(name) ?? 'none', name),
    );
    const foreign = decisive.filter((name) => !(name in expected) && actual.has(name));
    return [...present, ...foreign.map((name) => `${name}: never sent, here ${actual.get(name)}`)];
  }
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
