import { XMLParser, XMLValidator } from 'fast-xml-parser';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escapeText = (text: string): string => text.replace(/[&<>]/g, (character) => escapes[character] ?? '');

export const element = (name: string, text: string | number): string =>
  `<${name}>${escapeText(String(text))}</${name}>`;

export const parent = (name: string, ...children: string[]): string => `<${name}>${children.join('')}</${name}>`;

export const xmlDocument = (root: string, ...children: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${parent(root, ...children)}`;

const parser = new XMLParser({ parseTagValue: false, ignoreAttributes: true, ignoreDeclaration: true });

export type XmlNode = Readonly<Record<string, unknown>>;

/** The children of the root; undefined when the text is not XML with this root. */
export function parseXml(text: string, root: string): XmlNode | undefined {
  if (XMLValidator.validate(text) !== true) return undefined;
  const parsed: unknown = parser.parse(text);
  if (!isNode(parsed) || !(root in parsed)) return undefined;
  const content = parsed[root];
  return isNode(content) ? content : {};
}

const isNode = (value: unknown): value is XmlNode => typeof value === 'object' && value !== null;

export const childOf = (node: XmlNode, name: string): XmlNode => {
  const child = node[name];
  return isNode(child) ? child : {};
};

/** Undefined when absent; `''` for an empty element. */
export const textOf = (node: XmlNode, name: string): string | undefined => {
  const value = node[name];
  return typeof value === 'string' ? value : undefined;
};
