import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { apiSettings } from '../../api/config.ts';
import { settingsOf } from '../../domain/configuration/settings.ts';
import { codecSettings } from '../../temporal/codec/config.ts';
import { networkSettings } from '../../vendors/network.ts';
import { workerSettings } from '../../worker/config.ts';

const schemas = { workerSettings, apiSettings, codecSettings, networkSettings };

/** `SHOWCALLER_OIDC_ISSUER` is written out; so is each of the variables in `OTEL_EXPORTER_OTLP_{TRACES,METRICS}_ENDPOINT`. */
const withAlternatives = (page: string): string =>
  page.replace(/`(\w+)\{(\w+),(\w+)\}(\w+)`/g, (_, before, one, other, after) =>
    [one, other].map((middle) => `\`${before}${middle}${after}\``).join(', '),
  );

describe.each(Object.entries(schemas))('%s', (_, schema) => {
  it('are in docs/configuration.md, each variable that is read', async () => {
    const page = withAlternatives(await readFile('docs/configuration.md', 'utf8'));
    const variables = settingsOf(schema).flatMap(([, { variable }]) => variable ?? []);
    expect(variables.filter((variable) => !page.includes(`\`${variable}\``))).toEqual([]);
    expect(variables.length).toBeGreaterThan(0);
  });
});
