import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Owner } from './metrics.ts';

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/**
 * Whose step it is, from its argument: it names the account, or holds what does. A plan that is not checked yet names
 * no account: what people type must not become a label.
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

/** Every log line of a step says whose it is. */
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
