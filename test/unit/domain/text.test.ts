import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { tenantPattern } from '../../../domain/ids.ts';
import {
  beginningOf,
  isPlainLine,
  onOneLine,
  printable,
  printableJson,
  shortened,
  withoutMarkup,
} from '../../../domain/text.ts';

/** Clears the screen, moves the cursor, sets the title, makes links, hides, turns the direction; in seven bits and in eight. */
const attacks = [
  '\x1b[2J',
  '\x1b]0;x\x07',
  '\x1b]8;;http://evil\x1b\\',
  '\r',
  '\b\b',
  '\x9b31m',
  '\x7f',
  '\u202e',
  '\u2066',
  '\0',
  '\u2028',
];

/** Not seen, but searched for, compared, or followed by who writes from right to left. */
const unseen = [
  ...'\u061c\u200e\u200f\u200b\u2060\ufeff\u00ad\u034f\u180e\u2062\u3164\u{e0041}\u200c\u200d\ufe0f\ufe00\u180b\u{e0100}\u{e01ef}',
  ...'\u115f\u1160\uffa0\u17b4\u17b5\u2800\ufff0\ufffb\u{1bca0}\u{1d173}\u{e0001}\u{e007f}\u{e0fff}',
  '\ud800',
  '\udfff',
];

describe('a text in a terminal', () => {
  it.each(attacks)('shows what would steer it: %j', (attack) => {
    const shown = printable(`before ${attack} after`);
    expect(shown).toMatch(/^[\x20-\x7e]+$/);
    expect(shown).toContain('\\u{');
  });

  it.each(unseen)('shows what is not seen: %j', (character) => {
    expect(printable(`Fi${character}nal`)).toMatch(/^Fi\\u\{[0-9a-f]+\}nal$/);
    expect(JSON.parse(printableJson(JSON.stringify(`Fi${character}nal`)))).toBe(`Fi${character}nal`);
    expect(printableJson(JSON.stringify(character))).toMatch(/^[ -~]+$/);
  });

  it('keeps what people write', () => {
    const text = 'Größe 株式会社 👩‍🚀 👩🏽‍🚀 ❤️‍🔥 1️⃣ #️⃣ ☎︎ عربى می‌خواهم न्‍ශ්‍රී 葛󠄀城 한국어 ᠠ᠋';
    expect(printable(text)).toBe(text);
    expect(isPlainLine(text)).toBe(true);
    expect(onOneLine(text)).toBe(text);
  });

  it.each(['می\u200c\u200cخواهم', '葛\u{e0100}\u{e0101}', '❤\ufe0f\ufe0f', 'Cup 1\ufe0f', '👩\u200d a', '\u200dmy'])(
    'shows what changes nothing: %j',
    (text) => {
      expect(isPlainLine(text)).toBe(false);
      expect(printable(text)).toMatch(/\\u\{/);
    },
  );

  it('shows each character that Unicode lets a reader ignore, and each that turns the direction', () => {
    const shown: string[] = [];
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const character = String.fromCodePoint(code);
      if (!/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(character)) continue;
      if (isPlainLine(`Fi${character}nal`) || tenantPattern.test(`Fi${character}nal`)) shown.push(code.toString(16));
    }
    expect(shown).toEqual([]);
  });

  it.each([...'\u00a0\u2009\u202f\u3000'])('a space of another kind is no other tenant: %j', (space) => {
    expect(tenantPattern.test(`Acme${space}GmbH`)).toBe(false);
    expect(tenantPattern.test('Acme GmbH')).toBe(true);
    expect(isPlainLine(`Cup${space}final`)).toBe(true);
  });

  it('is one line', () => {
    expect(printable('a\n  released  yes\r\n\tb')).toBe('a\\n  released  yes\\u{d}\\n\\tb');
  });

  it.each([...attacks, ...unseen, '\n'])('is refused where people name something: %j', (character) => {
    expect(isPlainLine(`Fi${character}nal`)).toBe(false);
    expect(tenantPattern.test(`Fi${character}nal`)).toBe(false);
    expect(isPlainLine(onOneLine(`Fi${character}nal`))).toBe(true);
  });

  it('as JSON stays the same JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printableJson(JSON.stringify({ text }, null, 2));
        expect(JSON.parse(shown)).toEqual({ text });
        expect(shown.split('\n').map(printable).join('\n')).toBe(shown);
      }),
    );
  });
});

describe('a text in the Temporal UI', () => {
  const html = (text: string): string => marked.parse(text, { async: false, gfm: true });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="https://evil.example">x</a>',
    '[click](https://evil.example)',
    '[click](javascript:alert(1))',
    '![x](https://evil.example/pixel.png)',
    '[click][1]\n\n[1]: https://evil.example',
    '[1]: https://evil.example\n\n[1]',
    'see https://evil.example now',
    'see www.evil.example now',
    '<https://evil.example>',
    'mail ann@evil.example',
    '<ann@evil.example>',
    '&lt;script&gt;',
    '<!-- x --> <?x?> <![CDATA[x]]>',
    'HTTPS://EVIL.example WWW.evil.example MAILTO:x@evil.example',
  ])('is no link, no picture and no HTML: %s', (text) => {
    expect(html(withoutMarkup(text))).not.toMatch(/<(?!\/?(p|em|strong|h\d|ol|ul|li|hr|br|pre|code|blockquote|del)\b)/);
  });

  it.each(['Derby (final) [U17]', 'A & B: 3 < 4', 'Sam’s show – 20:00', '#1!'])(
    'looks as it was written: %s',
    (text) => {
      expect(withoutMarkup(text).replaceAll('\u2060', '')).toBe(text);
    },
  );
});

describe('a text that is cut', () => {
  it('has no half of a character and no half of a word', () => {
    expect(beginningOf('ab😀', 3)).toBe('ab');
    expect(beginningOf('ab😀', 4)).toBe('ab😀');
    expect(shortened('see https://h.example/a/secret now', 22)).toBe('see …');
    expect(shortened('視聴者には映像が届いていません', 6)).toBe('視聴者には…');
    expect(shortened('short', 5)).toBe('short');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(20), (text, most) => {
        expect(beginningOf(text, most)).not.toMatch(/\p{Cs}/u);
        expect(shortened(text, most + 1).length).toBeLessThanOrEqual(Math.max(most + 1, 1));
      }),
    );
  });
});
