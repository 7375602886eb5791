import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, walkTokens } from 'marked';
import { root, runOrThrow } from './command.ts';

interface Page {
  links: string[];
  anchors: Set<string>;
}

/** Relative links of all pages whose file or heading is not there. */
export async function brokenLinks(): Promise<string[]> {
  const listed = await runOrThrow('git', ['ls-files', '-co', '--exclude-standard', '--', '*.md'], { cwd: root });
  const files = [...new Set(listed.split('\n'))].filter((file) => file !== '' && existsSync(join(root, file)));
  return brokenLinksOf(root, files);
}

/** The same, for these pages. */
export async function brokenLinksOf(folder: string, files: readonly string[]): Promise<string[]> {
  const pages = new Map<string, Page>();
  for (const file of files) pages.set(join(folder, file), pageOf(await readFile(join(folder, file), 'utf8')));
  return [...pages].flatMap(([file, page]) =>
    page.links.flatMap((link) => {
      const problem = problemOf(link, file, folder, pages);
      return problem ? [`${relative(folder, file)}: ${link}: ${problem}`] : [];
    }),
  );
}

function problemOf(link: string, from: string, folder: string, pages: Map<string, Page>): string | undefined {
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? from : path.startsWith('/') ? join(folder, path) : resolve(dirname(from), path);
  if (relative(folder, target).startsWith('..')) return 'leads out of the project';
  if (!existsSync(target)) return 'there is no such file';
  if (anchor === undefined) return undefined;
  const page = pages.get(target);
  if (!page) return 'only headings of our own pages can be linked to';
  return page.anchors.has(anchor) ? undefined : 'there is no such heading';
}

/** A page's relative links, and what can be linked to in it. */
export function pageOf(markdown: string): Page {
  const page: Page = { links: [], anchors: new Set() };
  const slugger = new GithubSlugger();
  void walkTokens(lexer(markdown), (token) => {
    if (token.type === 'heading') page.anchors.add(slugger.slug(textOf(token)));
    else if (token.type === 'link' || token.type === 'image') page.links.push(String(token.href));
    else if (token.type === 'html') readHtml(token.raw, page);
  });
  page.links = page.links.filter(isRelative);
  return page;
}

function readHtml(html: string, page: Page): void {
  for (const [, link] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) if (link) page.links.push(link);
  for (const [, id] of html.matchAll(/\s(?:id|name)="([^"]*)"/g)) if (id) page.anchors.add(id);
}

/** A heading as a reader sees it: without the syntax of emphasis, code or links. */
function textOf(token: Token): string {
  const inner = 'tokens' in token ? token.tokens : undefined;
  if (inner && inner.length > 0) return inner.map(textOf).join('');
  return 'text' in token && typeof token.text === 'string' ? token.text : '';
}

const isRelative = (link: string): boolean => !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link);
