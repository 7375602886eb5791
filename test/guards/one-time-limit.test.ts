import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';
import { eachNode, rootOf } from './calls.ts';

/** It makes as many runs as it is asked for. */
const excepted = ['system/api-fuzz/operations.test.ts'];
/** The wait of all tests. */
const oneWait = 'support/until.ts';

const tests = ['it', 'test', 'describe'];
const hooks = ['beforeAll', 'beforeEach', 'afterAll', 'afterEach', 'onTestFinished', 'onTestFailed'];
const waits = ['vi.waitFor', 'vi.waitUntil', 'expect.poll', 'vi.setConfig'];
/** The limits of all tests; see `test/support/hangs.ts`. */
const common = ['givesUpAfterMs', 'hangsAfterMs'];

/** Whether the value is written in numbers, as `60 * 1_000`. */
const isNumber = (node: ts.Node): boolean =>
  ts.isNumericLiteral(node) ||
  (ts.isParenthesizedExpression(node) && isNumber(node.expression)) ||
  (ts.isBinaryExpression(node) && isNumber(node.left) && isNumber(node.right));

const isFunction = (node: ts.Node): boolean => ts.isArrowFunction(node) || ts.isFunctionExpression(node);

/** Options of a test that can be read, and hold no limit. */
const areFree = (node: ts.Node): boolean =>
  ts.isObjectLiteralExpression(node) &&
  node.properties.every((one) => one.name && !['timeout', 'retry', 'repeats'].includes(one.name.getText()));

/** A test has a title and a function, and options without a limit between them; a hook has its function. */
function limitsItself({ expression, arguments: given }: ts.CallExpression): boolean {
  const { name, modifiers } = rootOf(expression);
  if (hooks.includes(name)) return given.length > 1;
  if (waits.includes([name, ...modifiers].join('.'))) return true;
  const last = given.at(-1);
  if (!tests.includes(name) || given.length < 2 || !last) return false;
  return given.length > 2 ? !(given[1] && areFree(given[1])) || !isFunction(last) || given.length > 3 : isNumber(last);
}

/** A `timeout` of its own, wherever it is given to. */
const isOwnTimeout = (node: ts.Node): boolean =>
  (ts.isShorthandPropertyAssignment(node) && node.name.text === 'timeout') ||
  (ts.isPropertyAssignment(node) &&
    node.name.getText() === 'timeout' &&
    !common.includes(node.initializer.getText()) &&
    (isNumber(node.initializer) || ts.isIdentifier(node.initializer)));

function limitsIn(source: string): string[] {
  const found: string[] = [];
  eachNode(source, (node) => {
    if ((ts.isCallExpression(node) && limitsItself(node)) || isOwnTimeout(node)) found.push(node.getText());
  });
  return found;
}

it('no test has a time limit of its own, or waits by itself: the configurations have the limits', async () => {
  const names = (await readdir(join(root, 'test'), { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  const files = names.filter((name) => name.endsWith('.ts') && ![...excepted, oneWait].includes(name));
  const found = await Promise.all(
    files.map(async (name) =>
      limitsIn(await readFile(join(root, 'test', name), 'utf8')).map((text) => `${name}: ${text.slice(0, 200)}`),
    ),
  );
  expect(found.flat()).toEqual([]);
});

describe('a limit is seen however it is written:', () => {
  it.each([
    "it('ends', { timeout: 120_000 }, async () => {});",
    "it('ends', { timeout: 60 * 1_000 }, async () => {});",
    "it('ends', { retry: 3 }, async () => {});",
    "it('ends', { ...slow }, async () => {});",
    "it('ends', slow, async () => {});",
    "it('ends', async () => {}, 60_000);",
    "it('ends', async () => {}, limitMs);",
    "it('ends', async () => {}, { timeout: limitMs });",
    "it.each([1])(\n  'ends',\n  async () => {},\n  60_000,\n);",
    "it.skipIf(no).each([1])('ends', async () => {}, 2 * (minute + 1));",
    "describe('all', { timeout: 1 }, () => {});",
    'beforeAll(async () => {}, 60_000);',
    "await page.getByText('done').waitFor({ timeout: 5_000 });",
    'const slow = { timeout: 60_000 };',
    'const timeout = 60_000; wait({ timeout });',
    'await vi.waitFor(look, { interval: 5 });',
    'await vi.waitUntil(() => seen);',
    'await expect.poll(() => seen).toBe(1);',
    'vi.setConfig({ testTimeout: 1 });',
  ])('%s', (source) => {
    expect(limitsIn(source)).not.toEqual([]);
  });

  it.each([
    "it('ends', async () => {});",
    "it.each([[1, 2]])('ends', async () => {});",
    "it('ends', passes);",
    "it('ends', { concurrent: true }, async () => {});",
    'beforeAll(async () => {});',
    '/x/.test(text);',
    'const child = execFile(command, args, { timeout: givesUpAfterMs });',
    'driver.call({ timeoutMs: 5 });',
  ])('and none in %s', (source) => {
    expect(limitsIn(source)).toEqual([]);
  });
});
