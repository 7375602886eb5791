import type { VendorError } from '../../domain/errors.ts';
import { keepNewest } from '../../domain/keep-newest.ts';
import { operationFailure } from './errors.ts';

export interface OperationAnswer {
  status: string;
  error?: { code?: string | null; message?: string | null } | null;
}

/** The client sends its token with whatever it asks: an address of another host must not get it. */
export const isOf = (endpoint: string, url: string): boolean =>
  URL.canParse(url) && new URL(url).origin === new URL(endpoint).origin;

const mostKept = 1_000;

/**
 * The accepted operations whose outcome is not read yet, one for each call and resource. An operation that fails leaves
 * the resource as it was: without its outcome the request would be sent for ever, and the reason never be known.
 */
export class Operations {
  readonly #urls = new Map<string, string>();
  readonly #endpoint: string;
  readonly #read: (url: string) => Promise<OperationAnswer | undefined>;

  /** `read` answers undefined where the operation is not known any more. */
  constructor(endpoint: string, read: (url: string) => Promise<OperationAnswer | undefined>) {
    this.#endpoint = endpoint;
    this.#read = read;
  }

  /** Remembers where the outcome is to be read. */
  accepted(operation: string, resource: string, url: string | undefined): void {
    if (url === undefined || !isOf(this.#endpoint, url)) return;
    this.#urls.set(keyOf(operation, resource), url);
    keepNewest(this.#urls, mostKept);
  }

  /** Whether the last one of this call is still under way. @throws VendorError, once, with the vendor's words when it failed */
  async isUnderWay(operation: string, resource: string): Promise<boolean> {
    const key = keyOf(operation, resource);
    const url = this.#urls.get(key);
    if (url === undefined) return false;
    const answer = await this.#read(url);
    if (answer && !hasEnded(answer)) return true;
    this.#urls.delete(key);
    if (answer && answer.status !== 'Succeeded') throw failure(operation, resource, answer);
    return false;
  }
}

const keyOf = (operation: string, resource: string): string => `${operation} ${resource}`;
const hasEnded = ({ status }: OperationAnswer): boolean => ['Succeeded', 'Failed', 'Canceled'].includes(status);
const failure = (operation: string, resource: string, { status, error }: OperationAnswer): VendorError =>
  operationFailure(operation, resource, status, error?.code ?? undefined, error?.message ?? undefined);
