import { findingText, type Preflight } from '../../domain/preflight.ts';
import { preflightFound } from '../metrics.ts';
import type { Run } from './run.ts';

/** Takes over what a look found, and warns of what is new. */
export function preflighted(run: Run, preflight: Preflight | undefined): void {
  if (!preflight) return;
  const known = new Set((run.status.preflight?.findings ?? []).map(findingText));
  run.status.preflight = preflight;
  const found = preflight.findings.filter((finding) => !known.has(findingText(finding)));
  const [first, ...others] = found;
  if (!first) return;
  for (const { check } of found) preflightFound(run.status, check);
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  run.warn('preflight', `${findingText(first)}${more}`, { findings: found.map((finding) => ({ ...finding })) });
}
