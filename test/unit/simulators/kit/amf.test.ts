import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AmfValue, decodeAmf, encodeAmf } from '../../../../simulators/kit/amf.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const { value } = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.double(),
    fc.boolean(),
    text,
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('AMF0', () => {
  it('reads back whatever it wrote', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), (values) => {
        expect(decodeAmf(encodeAmf(...values))).toEqual(values);
      }),
    );
  });

  it('reads back a string too long for the short form', () => {
    const long = 'ä'.repeat(40_000);
    expect(decodeAmf(encodeAmf(long, 1))).toEqual([long, 1]);
  });

  it('keeps a member called __proto__ a mere member', () => {
    const [object] = decodeAmf(encodeAmf(JSON.parse('{"__proto__":{"polluted":true}}')));
    expect(Object.keys(object as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('reads what encoders send and we never do: counted objects, dates, undefined', () => {
    const counted = Buffer.from([8, 0, 0, 0, 1, 0, 1, 0x61, 1, 1, 0, 0, 9]);
    const date = Buffer.concat([Buffer.of(11), Buffer.alloc(10)]);
    expect(decodeAmf(Buffer.concat([counted, date, Buffer.of(6)]))).toEqual([{ a: true }, 0, null]);
  });

  it('answers any bytes with values or an error, never with a crash or a hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(decodeAmf(Buffer.from(bytes))).toBeInstanceOf(Array);
        } catch (error) {
          expect((error as Error).message).toMatch(/^AMF0/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses nesting that would exhaust the stack', () => {
    const array = Buffer.from([10, 0, 0, 0, 1]);
    expect(() => decodeAmf(Buffer.concat(Array.from({ length: 100_000 }, () => array)))).toThrow('nested deeper');
  });
});
