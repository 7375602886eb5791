import { afterAll, vi } from 'vitest';

/** As much of an element as the page's own functions use to draw. */
export class DrawnElement {
  readonly attributes = new Map<string, string>();
  readonly children: (DrawnElement | string)[] = [];
  readonly dataset: Record<string, string> = {};
  readonly classList = { toggle: () => {} };
  readonly tag: string;

  constructor(tag: string) {
    this.tag = tag;
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  addEventListener(): void {}

  append(child: DrawnElement | string): void {
    this.children.push(child);
  }

  replaceChildren(): void {
    this.children.length = 0;
  }

  set textContent(text: string) {
    this.children.splice(0, this.children.length, text);
  }

  get textContent(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.textContent)).join('');
  }
}

const elements = new Map<string, DrawnElement>();
const listeners = new Map<string, () => void>();

/** An element that the page has from the beginning. */
export function pageElement(id: string): DrawnElement {
  const element = elements.get(id) ?? new DrawnElement('div');
  elements.set(id, element);
  return element;
}

const page = {
  baseURI: 'http://127.0.0.1/',
  hidden: false,
  body: new DrawnElement('body'),
  createElement: (tag: string) => new DrawnElement(tag),
  getElementById: pageElement,
  addEventListener: (name: string, listener: () => void) => listeners.set(name, listener),
  removeEventListener: (name: string) => listeners.delete(name),
};

/** Shows the page to its reader, or hides it. */
export function showPage(isShown: boolean): void {
  page.hidden = !isShown;
  listeners.get('visibilitychange')?.();
}

/** A document that draws without a browser, for the tests of one file and the files of the page that it loads. */
export function pageHarness(): void {
  elements.clear();
  page.hidden = false;
  vi.stubGlobal('document', page);
  vi.stubGlobal('Node', DrawnElement);
  afterAll(() => void vi.unstubAllGlobals());
}

/** A file of the page, which is checked with the types of a browser, and so is no part of this program. Its clock does not tick. */
export async function pageFile(name: string): Promise<unknown> {
  const ticks = vi.spyOn(globalThis, 'setInterval').mockReturnValue(undefined as never);
  try {
    return await import(new URL(`../../../../api/board/${name}`, import.meta.url).href);
  } finally {
    ticks.mockRestore();
  }
}

/** What a reader sees of the elements of this kind among these, one text for each. */
export const textsIn = (drawn: readonly unknown[], tag: string): string[] =>
  drawn.flatMap((one) => {
    if (!(one instanceof DrawnElement)) return [];
    return one.tag === tag ? [one.textContent] : textsIn(one.children, tag);
  });

export const itemsIn = (drawn: readonly unknown[]): string[] => textsIn(drawn, 'li');

/** All that a reader sees of these. */
export const textOf = (drawn: readonly unknown[]): string =>
  drawn.map((one) => (one instanceof DrawnElement ? one.textContent : '')).join('');
