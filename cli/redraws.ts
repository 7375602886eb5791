/**
 * Draws lines on the terminal of stderr, over those that were drawn before. A line longer than the terminal would wrap, and the
 * next drawing would begin too low: it is cut.
 */
export function redraws(): (lines: readonly string[]) => void {
  let drawn = 0;
  return (lines) => {
    const up = drawn > 0 ? `\x1b[${drawn}A` : '';
    // What was below, of a longer drawing, is cleared.
    process.stderr.write(`${up}${lines.map((line) => `\x1b[2K${cut(line)}\n`).join('')}\x1b[0J`);
    drawn = lines.length;
  };
}

const start = '\x1b';
const colour = new RegExp(`^${start}\\[\\d+m`);

/** As many signs as the terminal has columns; colours take no place. */
function cut(line: string): string {
  const columns = process.stderr.columns || Number.POSITIVE_INFINITY;
  let text = '';
  let rest = line;
  for (let width = 0; rest !== '' && width < columns; ) {
    const [sequence] = colour.exec(rest) ?? [];
    const [sign = ''] = rest;
    text += sequence ?? sign;
    rest = rest.slice((sequence ?? sign).length);
    if (sequence === undefined) width += 1;
  }
  return rest === '' ? text : `${text}\x1b[0m`;
}
