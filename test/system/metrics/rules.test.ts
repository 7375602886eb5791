import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import GithubSlugger from 'github-slugger';
import { describe, expect, it } from 'vitest';
import { dashboardPath, metricsIn, panels, queries, rules, rulesPath, rulesTestPath } from './promql.ts';
import { promtool } from './promtool.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

function anchorsOf(page: string): Set<string> {
  const slugger = new GithubSlugger();
  return new Set([...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slugger.slug(heading)));
}

describe('the alert rules', () => {
  it('are valid, fire when they should and are silent when they should', async (context) => {
    const check = await promtool();
    if (!check) return context.skip('there is no promtool');
    const lint = await check(['check', 'rules', rulesPath]);
    expect(lint.output).toContain(`${rules().length} rules found`);
    const tested = await check(['test', 'rules', rulesTestPath]);
    expect(tested).toMatchObject({ code: 0, output: expect.stringContaining('SUCCESS') });
  });

  it('are each seen to fire', () => {
    const tests = read(rulesTestPath);
    const fired = (alert: string) => tests.includes(`alertname="${alert}"}', value: 1`);
    expect(rules().filter(({ alert }) => !fired(alert))).toEqual([]);
  });

  it('say how bad it is, what it is, and which section of the docs says what to do', () => {
    for (const { alert, labels, annotations } of rules()) {
      expect(labels.severity, alert).toMatch(/^(critical|warning)$/);
      expect(annotations.summary, alert).not.toBe('');
      expect(annotations.description, alert).not.toBe('');
      const [page = '', anchor = ''] = annotations.runbook_url.split('#');
      expect(page, alert).toMatch(/^docs\/(api|money|operations|observability|webhooks)\.md$/);
      expect([...anchorsOf(page)], alert).toContain(anchor);
    }
  });

  it('are all in the docs', () => {
    const page = read('docs/observability.md');
    expect(rules().filter(({ alert }) => !page.includes(`\`${alert}\``))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('asks something in each panel, and every question is about a metric of ours', () => {
    const asking = panels().filter(({ type }) => type !== 'row');
    expect(asking.length).toBeGreaterThan(20);
    expect(asking.filter(({ targets = [] }) => targets.length === 0)).toEqual([]);
    expect(queries().filter(({ expr }) => metricsIn(expr).length === 0)).toEqual([]);
  });

  it('has panels with ids of their own that do not cover each other', () => {
    const all = panels();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(all.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it('asks what Prometheus can read', async (context) => {
    const check = await promtool();
    if (!check) return context.skip('there is no promtool');
    const exprs = queries().map(({ expr }) => expr.replaceAll('$vendor', '.*'));
    const asRules = { groups: [{ name: 'panels', rules: exprs.map((expr, at) => ({ record: `panel:${at}`, expr })) }] };
    const scratch = await mkdtemp(join(tmpdir(), 'showcaller-panels-'));
    try {
      await writeFile(join(scratch, 'panels.yml'), JSON.stringify(asRules));
      const checked = await check(['check', 'rules', join(scratch, 'panels.yml')]);
      expect(checked.output, dashboardPath).toContain('SUCCESS');
    } finally {
      await rm(scratch, { recursive: true });
    }
  });
});
