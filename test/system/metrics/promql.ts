import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

export const rulesPath = 'deploy/prometheus/rules.yml';
export const rulesTestPath = 'deploy/prometheus/rules.test.yml';
export const dashboardPath = 'deploy/grafana/showcaller.json';

export interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook_url: string };
}

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

export const rules = (): Rule[] =>
  (parse(read(rulesPath)) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

export const panels = (): Panel[] => (JSON.parse(read(dashboardPath)) as { panels: Panel[] }).panels;

/** One question to Prometheus, and who asks it. */
export interface Query {
  by: string;
  expr: string;
}

export const queries = (): Query[] => [
  ...rules().map(({ alert, expr }) => ({ by: alert, expr })),
  ...panels().flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ by: title, expr }))),
];

const ours = /\b(?:showcaller|temporal)_[a-z0-9_]+\b/g;

/** The names of metrics in an expression; what is between braces and quotes is labels. */
export const metricsIn = (expr: string): string[] => [...new Set(expr.replaceAll(/\{[^}]*\}/g, '').match(ours) ?? [])];
