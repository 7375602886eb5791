import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../domain/configuration/settings.ts';
import { settingsSchemas } from '../support/settings-schemas.ts';

/** `SHOWCALLER_OIDC_ISSUER` is written out; so is each of the variables in `OTEL_EXPORTER_OTLP_{TRACES,METRICS}_ENDPOINT`. */
const withAlternatives = (page: string): string =>
  page.replace(/`(\w+)\{(\w+),(\w+)\}(\w+)`/g, (_, before, one, other, after) =>
    [one, other].map((middle) => `\`${before}${middle}${after}\``).join(', '),
  );

describe.each(Object.entries(settingsSchemas))('%s', (_, schema) => {
  it('are in docs/configuration.md, each variable that is read', async () => {
    const page = withAlternatives(await readFile('docs/configuration.md', 'utf8'));
    const variables = settingsOf(schema).flatMap(([, { variable }]) => variable ?? []);
    expect(variables.filter((variable) => !page.includes(`\`${variable}\``))).toEqual([]);
    expect(variables.length).toBeGreaterThan(0);
  });
});
