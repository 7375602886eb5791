import { expect, it, onTestFinished, vi } from 'vitest';
import { problemOf } from '../../../api/http/errors.ts';
import { report } from '../../../cli/io.ts';
import {
  InvalidPlanError,
  NoSuchEventError,
  NoSuchScheduleError,
  NotSetUpError,
  NoWorkerError,
} from '../../../client/errors.ts';

const advised = [
  new NoSuchEventError('final; really'),
  new NoSuchScheduleError('weekly'),
  new NoWorkerError('showcaller'),
  new NotSetUpError(),
];

it.for(advised)('$name: the API gives the message whole, and no command', (error) => {
  expect(problemOf(error).facts.detail).toBe(error.message);
  expect(error.message).not.toMatch(/`showcaller |--\w/);
});

it.for(advised)('$name: the command prints the message and the advice', (error) => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => stderr.mockRestore());
  report(error, false);
  expect(stderr.mock.calls).toEqual([[`showcaller: ${error.message}; ${error.advice}\n`]]);
});

it('an invalid plan has its problems once: the API lists them beside the summary', () => {
  const problems = [{ path: 'title', message: 'is too long' }];
  const { detail, problems: listed } = problemOf(new InvalidPlanError(problems)).facts;
  expect({ detail, listed }).toEqual({ detail: 'the plan has 1 problem; nothing was started', listed: problems });
});
