import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answer, exitCodeOf, exitCodes, report, say } from '../../../cli/io.ts';
import { reportLines } from '../../../cli/report-text.ts';
import { InvalidCursorError, InvalidPlanError } from '../../../client/errors.ts';
import { ConfigurationError } from '../../../domain/configuration/checked.ts';
import type { EventStatus } from '../../../domain/report.ts';

let printed = '';
beforeEach(() => {
  printed = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed += text;
      return true;
    });
});
afterEach(() => void vi.restoreAllMocks());

/** What a vendor, an operator or a namer of events may write. */
const forged = 'refused\n  released  yes, nothing billed is left\r\n\x1b[2K\u2028  phase     completed';
const forgedLines = () => printed.split('\n').filter((line) => /^ *(released {2}yes|phase {5}completed)/.test(line));

const status: EventStatus = {
  ...{ eventId: 'final', title: forged, vendor: 'aws-ivs', account: 'default', phase: 'cleaning-up', encoder: 'lost' },
  ...{ startsAt: 1, endsAt: 2, hardEndsAt: 2, entered: {}, windows: [], gaps: [], sessions: [], vod: [] },
  ...{ vendorState: forged, endReason: 'stopped-by-operator', endDetail: forged, released: false },
  audit: [
    { at: 0, action: 'stop', by: forged, reason: forged, details: { refused: [{ leg: 'backup', why: forged }] } },
  ],
  troubles: [{ at: 0, phase: 'live', kind: 'unknown', message: forged }],
};

describe('a message from outside is one line', () => {
  it('in a report', () => {
    answer(false, status, () => reportLines(status));
    expect(printed.trimEnd().split('\n')).toHaveLength(reportLines(status).length);
    expect(forgedLines()).toEqual([]);
    expect(printed).toContain('refused\\n  released  yes');
  });

  it('in JSON', () => {
    answer(true, status, () => []);
    expect(forgedLines()).toEqual([]);
    expect(JSON.parse(printed)).toEqual(status);
  });

  it.each([
    new Error(forged),
    new InvalidPlanError([{ path: 'title', message: forged, given: forged }]),
    new ConfigurationError([{ path: 'accounts', message: forged }]),
  ])('in an error: $name', (error) => {
    report(error, false);
    expect(forgedLines()).toEqual([]);
    expect(printed).toContain('refused\\n');
    expect(printed.trimEnd().split('\n')).toHaveLength(error.name === 'Error' ? 1 : 2);
  });

  it('in what the command says of its work', () => {
    say(`the worker died: ${forged}`);
    expect(forgedLines()).toEqual([]);
  });

  it('in the stack of an error, which is indented', () => {
    vi.stubEnv('SHOWCALLER_DEBUG', '1');
    report(new Error(forged), false);
    vi.unstubAllEnvs();
    for (const line of printed.trimEnd().split('\n').slice(1)) expect(line).toMatch(/^ {4}/);
    expect(printed.trimEnd().split('\n').length).toBeGreaterThan(2);
  });
});

it('a cursor that no list gave is wrong usage', () => {
  expect(exitCodeOf(new InvalidCursorError())).toBe(exitCodes.usage);
});
