import { formatDuration } from '../domain/time.ts';
import type { Account, MadeByEvent, VendorManifest } from '../vendors/manifest.ts';
import type { Certification } from './certify.ts';
import type { RunLimits } from './check-run.ts';
import type { PromiseFinding, Verdict } from './findings.ts';

const verdicts: readonly Verdict[] = ['contradicted', 'not testable', 'confirmed'];

/** What the show will make and the most that it can cost in minutes, before anything is asked of the vendor. */
export function dryList(
  { title, makes }: VendorManifest,
  { name }: Pick<Account, 'name'>,
  channel: string,
  { runningMs, windowMs }: RunLimits,
): string[] {
  return [
    `on ${title}, account ${name}, one show of ${formatDuration(2 * windowMs)} under the name ${channel} makes:`,
    ...makes.map((made) => `  - ${madeText(made)}`),
    `At most ${formatDuration(runningMs)} after its start the channel is closed, whatever is found; ` +
      'so much it can be billed at most, and what the vendor takes to close it. ' +
      'The recording may come later: waiting for it is not billed.',
  ];
}

/** `a live event (billed by the minute; deleted at the end)` */
function madeText({ what, billed, kept }: MadeByEvent): string {
  const facts = [billed === undefined ? undefined : `billed ${billed}`, kept ? 'stays' : 'deleted at the end'];
  return `${what} (${facts.filter((fact) => fact !== undefined).join('; ')})`;
}

/** The whole in one line: never better than its worst part. */
export function verdictText({ outcome, findings }: Pick<Certification, 'outcome' | 'findings'>): string {
  const names = findings.filter(({ verdict }) => verdict === 'not testable').map(({ promise }) => promise);
  if (outcome !== 'confirmed-in-part') return outcome;
  return `confirmed, except what was not testable (${names.length} of ${findings.length}): ${names.join(', ')}`;
}

/** The report for people. */
export function certificationLines(certification: Certification): string[] {
  const { vendor, account, channel, why, findings, transitions, runningMs, notReleased, stays } = certification;
  const width = Math.max(...findings.map(({ promise }) => promise.length));
  return [
    `${vendor} / ${account}: ${verdictText(certification)}${why === undefined ? '' : ` (${why})`}`,
    ...findings.map(
      ({ promise, verdict, detail }) =>
        `  ${signs[verdict]} ${promise.padEnd(width)}  ${verdict}${detail === undefined ? '' : `: ${detail}`}`,
    ),
    ...transitions.map(({ what, ms }) => `    ${formatDuration(ms).padStart(10)}  ${what}`),
    `  the channel ran for ${formatDuration(runningMs)}`,
    ...stays.map((made) => `  kept on purpose: ${madeText(made)}`),
    notReleased === undefined
      ? `  ${channel} is released`
      : `  NOT RELEASED: ${notReleased.id ?? notReleased.name}; ${releaseAdvice(certification)}`,
  ];
}

const signs: Record<Verdict, string> = { confirmed: '✓', contradicted: '✗', 'not testable': '?' };

/** What to type when a process ended before it had cleaned up. */
export const releaseAdvice = ({ vendor, account, eventId }: Pick<Certification, 'vendor' | 'account' | 'eventId'>) =>
  `showcaller certify --account ${vendor}/${account} --clean-up ${eventId}`;

/** The report as a document of Markdown. */
export function certificationMarkdown(certification: Certification): string {
  const { vendor, account, startedAt, why, findings, transitions, runningMs, notReleased, stays } = certification;
  const parts = [
    `# ${vendor} / ${account}: ${verdictText(certification)}`,
    `${startedAt}${why === undefined ? '' : `. The show did not come to its end: ${cell(why)}`}. ` +
      `The channel ran for ${formatDuration(runningMs)}.`,
    notReleased === undefined
      ? 'Everything that the event made and that is not kept was released.'
      : `**Not released:** \`${notReleased.id ?? notReleased.name}\`. Run \`${releaseAdvice(certification)}\`.`,
    ...(stays.length === 0 ? [] : [`Kept on purpose:\n\n${stays.map((made) => `- ${madeText(made)}`).join('\n')}`]),
    ...verdicts.flatMap((verdict) => section(verdict, findings)),
    '## How long each transition took',
    table(
      ['transition', 'time'],
      transitions.map(({ what, ms }) => [what, formatDuration(ms)]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function section(verdict: Verdict, findings: readonly PromiseFinding[]): string[] {
  const rows = findings.filter((finding) => finding.verdict === verdict);
  if (rows.length === 0) return [];
  const cells = rows.map(({ promise, says, detail = '' }) => [promise, says, detail]);
  const heading = `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)} (${rows.length})`;
  return [`## ${heading}`, table(['promise', 'says', 'seen'], cells)];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** Text from outside stays in its cell. */
const cell = (text: string): string => text.replace(/[|\\`<>*_[\]]/g, '\\$&').replace(/\s+/g, ' ');
