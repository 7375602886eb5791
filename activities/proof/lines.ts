import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work on this much text takes a few milliseconds: then everything else of this process has its turn. */
const sliceBytes = 32 * 1024;
/** A longer line is none of a playlist, and is cut. */
const mostLineBytes = 64 * 1024;
const newline = 10;
/** Everything up to and including the space: what surrounds a line. */
const isBlank = (byte: number | undefined): boolean => byte !== undefined && byte <= 32;

/** One line without what surrounds it, and where in the body it is. */
export interface TextLine {
  text: string;
  start: number;
  end: number;
}

/** Visits the lines of a text that are not empty. A long text is visited in slices: it must not block the process. */
export async function eachLine(body: Uint8Array, visit: (line: TextLine) => void): Promise<void> {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let slice = 0;
  for (let at = 0; at < body.length; ) {
    const found = body.indexOf(newline, at);
    const next = found < 0 ? body.length : found;
    let [start, end] = [at, next];
    while (start < end && isBlank(body[start])) start += 1;
    while (end > start && isBlank(body[end - 1])) end -= 1;
    const shown = Math.min(end, start + mostLineBytes);
    if (start < end) visit({ text: buffer.toString('utf8', start, shown), start, end });
    at = next + 1;
    if (at - slice < sliceBytes) continue;
    slice = at;
    // Lets everything else that is due in this process happen first.
    await nextTurn();
  }
}
