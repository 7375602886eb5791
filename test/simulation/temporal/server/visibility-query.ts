/** A condition of a visibility query, on one record of a list. */
export type Condition = (record: Readonly<Record<string, unknown>>) => boolean;

/**
 * The part of Temporal's list filters that callers of ours use: comparisons of a name with literals, IN, STARTS_WITH, IS
 * NULL, BETWEEN, AND, OR, parentheses. @throws Error at anything else, as a server does.
 */
export function parseQuery(query: string): Condition {
  const tokens = tokensOf(query);
  if (tokens.length === 0) return () => true;
  const parser = new Parser(tokens);
  const condition = parser.either();
  if (!parser.isDone) throw invalid(query, parser.next());
  return condition;
}

const invalid = (query: string, at: string | undefined): Error =>
  new Error(`invalid query: syntax error near '${at ?? 'the end'}' in ${query}`);

const tokenPattern = /\s*('(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|[A-Za-z_][\w.]*|-?\d+(?:\.\d+)?|<=|>=|!=|<>|[=<>(),])/y;

function tokensOf(query: string): string[] {
  const tokens: string[] = [];
  let at = 0;
  const text = query.trimEnd();
  while (at < text.length) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    if (!match?.[1]) throw invalid(query, text.slice(at, at + 20));
    tokens.push(match[1]);
    at = tokenPattern.lastIndex;
  }
  return tokens;
}

type Value = string | number | boolean;

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length;
  }

  next(): string {
    const token = this.#tokens[this.#at] ?? '';
    this.#at += 1;
    return token;
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw new Error(`invalid query: expected ${word}, found ${this.next() || 'the end'}`);
  }

  either(): Condition {
    const conditions = [this.#both()];
    while (this.#takes('OR')) conditions.push(this.#both());
    return (record) => conditions.some((condition) => condition(record));
  }

  #both(): Condition {
    const conditions = [this.#one()];
    while (this.#takes('AND')) conditions.push(this.#one());
    return (record) => conditions.every((condition) => condition(record));
  }

  #one(): Condition {
    if (this.#takes('NOT')) {
      const negated = this.#one();
      return (record) => !negated(record);
    }
    if (this.#takes('(')) {
      const condition = this.either();
      this.#expect(')');
      return condition;
    }
    return this.#comparison();
  }

  #comparison(): Condition {
    const name = this.next().replaceAll('`', '');
    const valuesOf = (record: Readonly<Record<string, unknown>>): Value[] => listOf(record[name]);
    if (this.#takes('IS')) {
      const isNegated = this.#takes('NOT');
      this.#expect('NULL');
      return (record) => (valuesOf(record).length === 0) !== isNegated;
    }
    if (this.#takes('BETWEEN')) {
      const least = this.#value();
      this.#expect('AND');
      const most = this.#value();
      return (record) => valuesOf(record).some((one) => compare(one, least) >= 0 && compare(one, most) <= 0);
    }
    if (this.#takes('STARTS_WITH')) {
      const prefix = String(this.#value());
      return (record) => valuesOf(record).some((one) => String(one).startsWith(prefix));
    }
    const isNegated = this.#takes('NOT');
    if (isNegated && this.#takes('STARTS_WITH')) {
      const prefix = String(this.#value());
      return (record) => valuesOf(record).some((one) => !String(one).startsWith(prefix));
    }
    if (this.#takes('IN')) {
      const values = this.#values();
      return (record) =>
        valuesOf(record).some((one) => values.some((value) => compare(one, value) === 0)) !== isNegated;
    }
    const test = tests[this.next()];
    if (!test) throw new Error(`invalid query: no comparison follows ${name}`);
    const value = this.#value();
    return (record) => test.of(valuesOf(record), (one) => test.holds(compare(one, value)));
  }

  #values(): Value[] {
    this.#expect('(');
    const values = [this.#value()];
    while (this.#takes(',')) values.push(this.#value());
    this.#expect(')');
    return values;
  }

  #value(): Value {
    const token = this.next();
    if (/^['"]/.test(token)) return token.slice(1, -1).replaceAll("''", "'").replaceAll('""', '"');
    if (/^-?\d/.test(token)) return Number(token);
    if (/^(true|false)$/i.test(token)) return token.toLowerCase() === 'true';
    throw new Error(`invalid query: ${token || 'the end'} is no value`);
  }
}

interface Test {
  of(values: Value[], holds: (value: Value) => boolean): boolean;
  holds(order: number): boolean;
}
const some = (values: Value[], holds: (value: Value) => boolean) => values.some(holds);
const every = (values: Value[], holds: (value: Value) => boolean) => values.every(holds);
const tests: Readonly<Record<string, Test>> = {
  '=': { of: some, holds: (order) => order === 0 },
  '!=': { of: every, holds: (order) => order !== 0 },
  '<>': { of: every, holds: (order) => order !== 0 },
  '<': { of: some, holds: (order) => order < 0 },
  '<=': { of: some, holds: (order) => order <= 0 },
  '>': { of: some, holds: (order) => order > 0 },
  '>=': { of: some, holds: (order) => order >= 0 },
};

function listOf(value: unknown): Value[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]) as Value[];
}

/** Instants are compared as such, whatever they are written in. */
function compare(one: Value, other: Value): number {
  const [a, b] = [instantOf(one) ?? one, instantOf(other) ?? other];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const instantOf = (value: Value): number | undefined =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : undefined;
