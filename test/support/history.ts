import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

type RawHistory = Parameters<typeof historyToJSON>[0];

/** The whole history of a run, as a reader of the namespace sees it. */
export class History {
  readonly raw: RawHistory;

  constructor(raw: RawHistory) {
    this.raw = raw;
  }

  get length(): number {
    return this.raw.events?.length ?? 0;
  }

  /** Everything it says: its JSON, and every payload in it decoded. */
  get texts(): string[] {
    const json = historyToJSON(this.raw);
    return [json, ...payloadsIn(JSON.parse(json))];
  }
}

/** Payloads carry their JSON in base64. */
function payloadsIn(node: unknown): string[] {
  if (node === null || typeof node !== 'object') return [];
  const own = 'data' in node && typeof node.data === 'string' ? [Buffer.from(node.data, 'base64').toString()] : [];
  return [...own, ...Object.values(node).flatMap(payloadsIn)];
}
