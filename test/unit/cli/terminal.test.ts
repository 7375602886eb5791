import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { hasColours, painter } from '../../../cli/colour.ts';
import { completionOf } from '../../../cli/completion.ts';
import { csvLines, tableLines } from '../../../cli/table.ts';
import { timesOf } from '../../../cli/times.ts';

const columns = [
  { header: 'EVENT', text: (row: { id: string; note: string }) => row.id },
  { header: 'NOTE', text: (row: { id: string; note: string }) => row.note, colour: () => 'red' as const },
];

describe('a table', () => {
  it('has its columns under their headers, and nothing that steers a terminal but its own colours', () => {
    const rows = [
      { id: 'final', note: 'well' },
      { id: 'town-hall', note: 'sick\x1b[2J' },
    ];
    expect(tableLines(rows, columns, painter(false))).toEqual([
      'EVENT      NOTE',
      'final      well',
      'town-hall  sick\\u{1b}[2J',
    ]);
    expect(tableLines(rows.slice(0, 1), columns, painter(true))[1]).toBe('final  \x1b[31mwell\x1b[0m');
  });

  it('is a CSV that a spreadsheet reads as texts', () => {
    expect(csvLines([{ id: '=1+1', note: 'a "b", c' }], columns)).toEqual(['event,note', `'=1+1,"a ""b"", c"`]);
  });
});

describe('colours', () => {
  it('are for terminals, and not where they are not wanted', () => {
    const terminal = { isTTY: true };
    expect(hasColours(terminal, {})).toBe(true);
    expect(hasColours(terminal, { NO_COLOR: '1' })).toBe(false);
    expect(hasColours(terminal, { NO_COLOR: '' })).toBe(true);
    expect(hasColours(terminal, { TERM: 'dumb' })).toBe(false);
    expect(hasColours({}, {})).toBe(false);
    expect(hasColours({}, { FORCE_COLOR: '1' })).toBe(true);
    expect(hasColours({}, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });
});

describe('times', () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it('are those of the local zone with its offset, and UTC when that is wanted', () => {
    const text = 'the show ends at 2026-12-01T18:00:00.000Z, not 2026-07-01T18:00:00Z';
    process.env.TZ = 'Europe/Berlin';
    expect(timesOf({}).inTexts(text)).toBe('the show ends at 2026-12-01T19:00:00+01:00, not 2026-07-01T20:00:00+02:00');
    expect(timesOf({ utc: true }).inTexts(text)).toBe(text);
    expect(timesOf({ utc: true }).instant(0)).toBe('1970-01-01T00:00:00Z');
    process.env.TZ = 'America/St_Johns';
    expect(timesOf({}).instant(Date.parse('2026-12-01T18:00:00Z'))).toBe('2026-12-01T14:30:00-03:30');
    process.env.TZ = 'UTC';
    expect(timesOf({}).instant(0)).toBe('1970-01-01T00:00:00Z');
  });
});

describe('completion', () => {
  const program = new Command('showcaller');
  program.command('status').option('--utc');
  program.command('old', { hidden: true });
  const schedule = program.command('schedule');
  schedule.command('create').option('--cron <fields>').addOption(new Option('--secret').hideHelp());

  /** What bash would offer for a line that is typed so far. */
  function offered(...words: string[]): string[] {
    const script = [
      ...completionOf(program, 'bash'),
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
      `COMP_CWORD=${words.length - 1}`,
      'cd /var/empty 2>/dev/null || cd /',
      '_showcaller',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n');
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    onTestFinished(() => expect(stderr).toBe(''));
    return stdout.trim().split('\n');
  }

  it('offers in bash what may follow, and nothing that is hidden', () => {
    expect(offered('showcaller', '')).toEqual(['status', 'schedule', '--help']);
    expect(offered('showcaller', 's')).toEqual(['status', 'schedule']);
    expect(offered('showcaller', 'status', '--u')).toEqual(['--utc']);
    expect(offered('showcaller', 'schedule', 'c')).toEqual(['create']);
    expect(offered('showcaller', 'schedule', 'create', '--')).toEqual(['--cron', '--help']);
  });

  it('is there for zsh and fish', () => {
    expect(completionOf(program, 'zsh')[0]).toContain('bashcompinit');
    expect(completionOf(program, 'fish')).toContain(
      `complete -c showcaller -n 'test (__showcaller_path) = "schedule create"' -a '--cron --help'`,
    );
  });
});
