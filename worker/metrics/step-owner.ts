import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { fieldsOf } from '../../domain/json.ts';
import type { Owner } from './metrics.ts';

/**
 * The account of a step, from its argument. A plan that is not checked yet gives none: text that callers choose must not
 * become a label.
 */
export function ownerOf(argument: unknown): Owner | undefined {
  const given = fieldsOf(argument);
  const channel = fieldsOf(given.channel);
  for (const place of [given, fieldsOf(given.ref), channel, fieldsOf(channel.ref)]) {
    const { vendor, account } = place;
    if (typeof vendor === 'string' && typeof account === 'string') return { vendor, account };
  }
  return undefined;
}

/** Adds the vendor and the account to every log line of a step. */
export const stepLogAttributes: ActivityInterceptorsFactory = () => {
  let owner: Owner | undefined;
  return {
    inbound: {
      execute(input, next) {
        owner = ownerOf(input.args[0]);
        return next(input);
      },
    },
    outbound: { getLogAttributes: (attributes, next) => next({ ...attributes, ...owner }) },
  };
};
