import { fieldsOf, type JsonObject } from '../json.ts';

/** A leg that did not do what others did, and why. Stands in audits, which are plain JSON. */
export type LegRefusal = { leg: string; why: string };

/** What each leg said to one action. */
export interface LegsOutcome {
  accepted: { leg: string; effect: string }[];
  refused: LegRefusal[];
  unanswered: string[];
}

/** What happens at each leg; where not all accepted, who did, who refused and why, and who has not answered. */
export function answerText({ accepted, refused, unanswered }: LegsOutcome): string {
  const effects = accepted.map(({ leg, effect }) => `${leg}: ${effect}`).join('; ');
  const others = otherTexts({ refused, unanswered });
  return others.length === 0 ? effects : [`accepted by ${effects}`, ...others].join('; ');
}

/** One text for each leg that has not accepted. */
export const otherTexts = ({ refused, unanswered }: Omit<LegsOutcome, 'accepted'>): string[] => [
  ...refused.map(({ leg, why }) => `refused by ${leg}: ${why}`),
  ...unanswered.map((leg) => `not answered by ${leg} yet: its run gets the action once it can`),
];

/** What the audit of an action keeps of legs that have not accepted. */
export function othersIn(details: JsonObject = {}): Omit<LegsOutcome, 'accepted'> {
  const { refused, unanswered } = details;
  return {
    refused: listOf(refused).flatMap((one) => {
      const { leg, why } = fieldsOf(one);
      return typeof leg === 'string' && typeof why === 'string' ? [{ leg, why }] : [];
    }),
    unanswered: listOf(unanswered).filter((leg) => typeof leg === 'string'),
  };
}

const listOf = (given: unknown): readonly unknown[] => (Array.isArray(given) ? given : []);
