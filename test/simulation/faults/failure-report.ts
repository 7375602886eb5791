import type { LogEntry } from '../../../simulators/kit/types.ts';
import type { Evidence } from './evidence.ts';
import type { EncoderPart, OperatorPart, PlannedFault, Scenario } from './scenario.ts';

/** What a person needs to see a failure again and to understand it. */
export function failureReport(scenario: Scenario, violations: readonly string[], evidence?: Evidence): string {
  return [
    `scenario ${scenario.seed} on ${scenario.vendor}`,
    ...violations.map((violation) => `  ✗ ${violation}`),
    '',
    `repeat it: SEED=${scenario.seed} npm run test:faults`,
    '',
    ...scriptOf(scenario),
    ...(evidence ? ['', ...courseOf(evidence)] : []),
  ].join('\n');
}

/** The scenario in words. */
function scriptOf({ plan, faults, encoder, operators, neighbour, poller }: Scenario): string[] {
  const waits = `waits ${plan.firstConnectMs} ms for the encoder, ${plan.encoderLostMs} ms for its return`;
  return [
    `plan: starts in ${plan.startsAfterMs} ms, lasts ${plan.durationMs} ms (${plan.maxDurationMs} at most), ${waits}${plan.publish ? '' : ', publishes nothing'}`,
    ...faults.map((fault) => `fault: ${faultIn(fault)}`),
    `encoder: ${encoderIn(encoder)}`,
    ...operators.map((part) => `operator: ${operatorIn(part)}`),
    ...(poller ? ['one poller for the account'] : []),
    ...(neighbour ? ['neighbour: a channel of another event'] : []),
  ];
}

function faultIn({ kind, operation, from, skip, times, delayMs }: PlannedFault): string {
  const how = times === 'lasting' ? 'until it is lifted' : `${times} times`;
  const after = skip > 0 ? `, after ${skip} calls` : '';
  return `${kind}${delayMs === undefined ? '' : ` ${delayMs} ms`} on ${operation}, ${how}${after}${from ? `, from ${from}` : ''}`;
}

function encoderIn(part: EncoderPart): string {
  if (part.kind !== 'sends') return part.kind;
  const turns = part.turns.map(
    ({ sendMs, awayMs, politely }) => `sends ${sendMs} ms, ${politely ? 'ends' : 'drops'}, away ${awayMs} ms`,
  );
  const comes = part.comes === 'early' ? 'knocks early' : `comes after ${part.comes} ms`;
  return [comes, ...turns, part.afterwards].join(', ');
}

function operatorIn({ action, after, laterMs }: OperatorPart): string {
  const { do: name, ...details } = action;
  return `${name} ${JSON.stringify(details)}, ${laterMs} ms after ${after}`;
}

/** What really happened, in the order of time. */
function courseOf({ report, calls, pushes, trying, historyLength, tookMs }: Evidence): string[] {
  const began = Math.min(...Object.values(report?.entered ?? {}), ...calls.map(({ at }) => at));
  const at = (instant: number) => `+${((instant - began) / 1000).toFixed(2).padStart(6)} s`;
  const events: [number, string][] = [
    ...Object.entries(report?.entered ?? {}).map(([phase, instant]): [number, string] => [instant, `→ ${phase}`]),
    ...(report?.audit ?? []).map(({ at: instant, action }): [number, string] => [instant, `operator: ${action}`]),
    ...calls.filter(isRelevant).map((call): [number, string] => [call.at, callIn(call)]),
    ...pushes.flatMap(({ from, to }): [number, string][] => [
      [from, 'the encoder sends'],
      [to, 'the encoder is out'],
    ]),
  ];
  return [
    `course (${historyLength} events of history, ${(tookMs / 1000).toFixed(1)} s):`,
    ...withoutRepeats(events).map(([instant, text]) => `  ${at(instant)}  ${text}`),
    ...(trying ? [`trying when the faults were lifted: ${JSON.stringify(trying)}`] : []),
    `report: ${JSON.stringify({ ...report, plan: undefined, entered: undefined, audit: undefined })}`,
  ];
}

/** In the order of time; an encoder that keeps connecting is listed once. */
function withoutRepeats(events: [number, string][]): [number, string][] {
  const lines: [instant: number, text: string, times: number][] = [];
  for (const [instant, text] of events.sort(([a], [b]) => a - b)) {
    const same = lines.slice(-mostInACircle).find((one) => one[1] === text);
    if (same) same[2] += 1;
    else lines.push([instant, text, 1]);
  }
  return lines.map(([instant, text, times]) => [instant, times > 1 ? `${text} × ${times}` : text]);
}

const mostInACircle = 4;

/** Looks that went well would fill pages. */
const isRelevant = ({ fault, method, status, note }: LogEntry): boolean =>
  fault !== undefined || note !== undefined || status >= 400 || !['GET', 'HEAD'].includes(method);

const callIn = ({ operation, status, fault, note }: LogEntry): string =>
  `${operation} ${status || ''}${fault ? ` [${fault}]` : ''}${note ? ` (${note})` : ''}`;
