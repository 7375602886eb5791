/** Callers that list events again and again, in a process of their own. Started by `board.ts`. */
import { queryOf } from '../../client/listing.ts';
import { connect } from '../../temporal/connection.ts';

export interface ListsAsked {
  /** `same`: all of them the same list; `own`: each time a list that no other caller asks for; `temporal`: the floor, without the API. */
  form: 'same' | 'own' | 'temporal';
  url: string;
  tokens: string[];
  address: string;
  namespace: string;
  atOnce: number;
  forMs: number;
}

export interface ListsAnswered {
  /** Milliseconds, of each answer. */
  took: number[];
  /** Answers that are not 200, and how often each came. */
  others: Record<string, number>;
}

const limit = 200;

process.once('message', async (asked: ListsAsked) => {
  const ask = asked.form === 'temporal' ? await ofTemporal(asked) : ofApi(asked);
  const answered: ListsAnswered = { took: [], others: {} };
  // The first calls pay for connections and for what is compiled late.
  await Promise.all(Array.from({ length: asked.atOnce }, (_, n) => ask(n)));
  const until = performance.now() + asked.forMs;
  await Promise.all(
    Array.from({ length: asked.atOnce }, async (_, n) => {
      while (performance.now() < until) {
        const from = performance.now();
        const status = await ask(n);
        if (status === 200) answered.took.push(performance.now() - from);
        else answered.others[status] = (answered.others[status] ?? 0) + 1;
      }
    }),
  );
  process.send?.(answered);
});
process.once('disconnect', () => process.exit(0));

function ofApi({ form, url, tokens }: ListsAsked): (n: number) => Promise<number> {
  let asked = 0;
  return async (n) => {
    asked += 1;
    const own = form === 'own' ? `&from=${new Date(asked * 1_000).toISOString()}` : '';
    const authorization = `Bearer ${tokens[n % tokens.length]}`;
    const answer = await fetch(`${url}/v1/events?limit=${limit}${own}`, { headers: { authorization } });
    await answer.arrayBuffer();
    return answer.status;
  };
}

async function ofTemporal({ address, namespace }: ListsAsked): Promise<() => Promise<number>> {
  const { client } = await connect({ address, namespace });
  const query = queryOf({});
  return async () => {
    await client.workflowService.listWorkflowExecutions({ namespace, query, pageSize: limit });
    return 200;
  };
}
