import type { Phase } from '../../domain/phases.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EventStatus } from '../../domain/report.ts';
import { newKeyLine } from '../../temporal/codec/keys.ts';
import { type TestEnvironment, testEnvironment } from './environment.ts';
import { planFor } from './shows.ts';
import { until } from './until.ts';

export const [oldKey, newKey] = [newKeyLine('old'), newKeyLine('new')];

/** Client and worker of one task queue, with these keys. */
export const withKeys = (keys: readonly string[], taskQueue?: string): Promise<TestEnvironment> =>
  testEnvironment({ env: { SHOWCALLER_CODEC_KEYS: keys.join(',') }, taskQueue });

/** The same, and payloads without encryption are refused. */
export const withRequiredKeys = (keys: readonly string[], taskQueue?: string): Promise<TestEnvironment> =>
  testEnvironment({ env: { SHOWCALLER_CODEC_KEYS: keys.join(','), SHOWCALLER_CODEC_REQUIRED: 'true' }, taskQueue });

/** What a reader of the namespace must not learn. */
export const title = 'Merger of Acme and Initech';

export const contains = (texts: readonly string[], words: string): boolean =>
  texts.some((text) => text.includes(words));

/** Every text in an answer of the server, bytes included. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString()];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}

/** An event seen through one environment; `through` looks at the same one through another. */
export class CodedShow {
  readonly eventId: string;
  readonly #env: TestEnvironment;

  constructor(env: TestEnvironment, eventId: string) {
    this.#env = env;
    this.eventId = eventId;
  }

  static async start(env: TestEnvironment, overrides: Partial<Plan> = {}): Promise<CodedShow> {
    const plan = planFor({ title, ...overrides });
    await env.showcaller.start(plan);
    return new CodedShow(env, plan.eventId);
  }

  get workflowId(): string {
    return `live-event/${this.eventId}`;
  }

  get channel(): string {
    return `sc-${this.eventId}`;
  }

  through(env: TestEnvironment): CodedShow {
    return new CodedShow(env, this.eventId);
  }

  reaches(phase: Phase): Promise<EventStatus> {
    return until(async () => {
      const status = await this.#env.showcaller.status(this.eventId).catch(() => undefined);
      return status?.phase === phase && status;
    });
  }

  result(): Promise<EventStatus> {
    return this.#env.showcaller.result(this.eventId);
  }

  /** The history as the server has it. */
  async history(): Promise<string[]> {
    return textsIn(await this.#env.client.workflow.getHandle(this.workflowId).fetchHistory());
  }

  /** The run as the server describes it: pending activities, their failures and heartbeats, summaries. */
  async description(): Promise<string[]> {
    const { client, namespace } = this.#env;
    const execution = { workflowId: this.workflowId };
    return textsIn(await client.workflowService.describeWorkflowExecution({ namespace, execution }));
  }
}
