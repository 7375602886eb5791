import { randomBytes } from 'node:crypto';
import { callRate } from '../kit/call-rate.ts';
import type { SimRequest, SimResponse } from '../kit/types.ts';
import { type CallFacts, failure, Refusal, success } from './errors.ts';
import { Params, type Route, type RouteContext } from './fields.ts';
import { callbackRoutes } from './routes-callback.ts';
import { domainRoutes } from './routes-domain.ts';
import { recordRoutes } from './routes-record.ts';
import { relayRoutes } from './routes-relay.ts';
import { streamRoutes } from './routes-stream.ts';
import { verifySignature } from './signature.ts';
import type { LiveAccount } from './state.ts';

const apiVersion = '2023-01-01';
const routes: Readonly<Record<string, Route>> = {
  ...streamRoutes,
  ...relayRoutes,
  ...recordRoutes,
  ...callbackRoutes,
  ...domainRoutes,
};

export interface RouterOptions extends RouteContext {
  /** Calls a second per operation before FlowLimitExceeded; default: no limit. */
  callsPerSecond?: number;
}

export type Router = (req: SimRequest, operation: string) => Promise<SimResponse>;

/** Signature, rate, operation, answer. */
export function createRouter({ callsPerSecond, ...context }: RouterOptions): Router {
  // documented(https://www.volcengine.com/docs/6469/1126845): a rate for each account and operation.
  const mayCall = callRate(callsPerSecond);
  return async (req, operation) => {
    const call = callFacts(req, context.account);
    try {
      verifySignature(req, context.account.options);
      const route = routes[operation];
      if (!route || call.version !== apiVersion) throw new Refusal('InvalidActionOrVersion');
      // The gateway's answer. documented(https://www.volcengine.com/docs/6448/76370)
      if (context.account.options.denied?.includes(`live:${operation}`)) throw new Refusal('AccessDenied');
      if (!mayCall(operation)) throw new Refusal('FlowLimitExceeded');
      return success(call, await route(new Params(req, context.account.options), context));
    } catch (error) {
      if (error instanceof Refusal) return failure(call, error);
      throw error;
    }
  };
}

export const callFacts = (req: SimRequest, account: LiveAccount): CallFacts => ({
  requestId: `${new Date().toISOString().replace(/\D/g, '')}${randomBytes(8).toString('hex').toUpperCase()}`,
  action: req.query.get('Action') ?? '',
  version: req.query.get('Version') ?? '',
  region: account.options.region,
});
