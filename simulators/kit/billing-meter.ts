import type { BilledSpan, SimResource } from './types.ts';

/** Keeps when each resource of a simulated account would have cost. A simulator calls `read` at every change. */
export class BillingMeter {
  readonly #spans: BilledSpan[] = [];
  readonly #resources: () => SimResource[];

  constructor(resources: () => SimResource[]) {
    this.#resources = resources;
  }

  read(): void {
    const now = Date.now();
    const billed = this.#resources().filter((one) => one.billed);
    for (const span of this.#spans) {
      if (span.to === undefined && !billed.some((one) => isOf(span, one))) span.to = now;
    }
    for (const { vendor, kind, name, state } of billed) {
      if (this.#spans.some((span) => span.to === undefined && isOf(span, { kind, name }))) continue;
      this.#spans.push({ vendor, kind, name, ...(state && { state }), from: now });
    }
  }

  /** Oldest first. */
  spans(): BilledSpan[] {
    return this.#spans.map((span) => ({ ...span }));
  }
}

const isOf = (span: BilledSpan, { kind, name }: Pick<SimResource, 'kind' | 'name'>): boolean =>
  span.kind === kind && span.name === name;

/** Of a vendor that keeps whole seconds of a push, at both ends, and no more. */
export const inWholeSeconds = ({ from, to, ...span }: BilledSpan): BilledSpan => ({
  ...span,
  from: wholeSecond(from),
  ...(to !== undefined && { to: wholeSecond(to) }),
});

const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;
