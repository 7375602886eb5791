const codes = { red: 31, green: 32, amber: 33, blue: 34, grey: 90 } as const;
export type Colour = keyof typeof codes;

/** Whether a stream is a terminal that shows colours: https://no-color.org, https://force-color.org */
export function hasColours(stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Paints text for a stream; leaves it as it is where there are no colours. */
export const painter =
  (coloured: boolean) =>
  (text: string, colour: Colour | undefined): string =>
    coloured && colour ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text;
