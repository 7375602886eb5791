import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../plan/check.ts';
import { vendors } from '../../../vendors/registry.ts';

const folder = new URL('../../../examples/', import.meta.url);
const now = Date.UTC(2026, 11, 1, 12);

const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const examples = files.map((file) => ({ file, plan: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) }));

describe('the plans in examples/', () => {
  it.each(examples)('$file has nothing wrong with it', ({ plan }) => {
    const checked = checkPlan(plan, { now });
    expect(checked.ok ? [] : checked.problems).toEqual([]);
  });

  it('show every vendor', () => {
    const shown = new Set(examples.map(({ plan }) => plan.vendor));
    expect(vendors.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('each name an event of their own', () => {
    const ids = examples.map(({ plan }) => plan.eventId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('would be refused with an unknown key', () => {
    const [first] = examples;
    expect(checkPlan({ ...first?.plan, vender: 'aws-ivs' }, { now })).toMatchObject({
      ok: false,
      problems: [{ path: 'vender' }],
    });
  });
});
