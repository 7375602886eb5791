import { QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import { askStatus } from '../../../client/ask-status.ts';
import { asOfLastTask } from '../../../domain/as-of-last-task.ts';

const invalidArgument = 3;
const refused = () => new QueryNotRegisteredError('the run was read again', invalidArgument);

/** Of a run whose queries give these, one after the other. */
async function asked(status: string, ...answers: (Error | object)[]) {
  const questions: unknown[][] = [];
  const query = async (...question: unknown[]) => {
    const answer = answers[questions.length];
    questions.push(question);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const handle = { query, describe: async () => ({ status: { name: status } }) } as unknown as WorkflowHandle;
  const answer = await askStatus(handle).catch((error: unknown) => String(error));
  return { answer, questions };
}

it('asks once more a run that refuses a query', async () => {
  const { answer, questions } = await asked('RUNNING', refused(), { phase: 'live' });
  expect(answer).toEqual({ phase: 'live' });
  expect(questions).toEqual([['status'], ['status']]);
  expect((await asked('RUNNING', refused(), refused())).answer).toContain('read again');
});

it('asks a run that is over for what its last task left', async () => {
  const { answer, questions } = await asked('TERMINATED', refused(), { phase: 'live' });
  expect(answer).toEqual({ phase: 'live' });
  expect(questions).toEqual([['status'], ['status', asOfLastTask]]);
});

it('gives any other failure of a query at once', async () => {
  const { answer, questions } = await asked('RUNNING', new Error('unavailable'), { phase: 'live' });
  expect(answer).toContain('unavailable');
  expect(questions).toHaveLength(1);
});
