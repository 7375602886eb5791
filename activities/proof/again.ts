/** A segment that was looked at, as far as it shows whether another recording holds it too. */
export interface Print {
  print: string;
  /** Its address without the query, which may be signed anew, and its range. */
  file: string;
  /** How many discontinuities come before it. */
  run: number;
}

/** Where a recording is cut, as at midnight, both parts may hold the segment of that instant. */
const mostShared = 2;

/**
 * Why one of several recordings is another one again; undefined where none is. The same files are the same recording, however
 * often the encoder connected. The same content in other files may be an encoder that came back and began its file again.
 */
export function againProblem(recordings: readonly (readonly Print[])[], reconnects: number): string | undefined {
  const first = new Map<string, { recording: number; file: string }>();
  const repeats: string[] = [];
  for (const [recording, prints] of recordings.entries()) {
    const runs = new Map<number, number>();
    let [ofFiles, earlier] = [0, 0];
    for (const { print, file, run } of prints) {
      const before = first.get(print);
      if (!before) first.set(print, { recording, file });
      else if (before.recording !== recording) {
        earlier = before.recording;
        if (before.file === file) ofFiles += 1;
        else runs.set(run, (runs.get(run) ?? 0) + 1);
      }
    }
    const isMany = (count: number) => count > mostShared || (count > 0 && count === prints.length);
    const again = `recording ${recording + 1} is recording ${earlier + 1} again`;
    if (isMany(ofFiles)) return `${again}: they have ${ofFiles} files in common`;
    for (const count of runs.values()) if (isMany(count)) repeats.push(again);
  }
  const times = reconnects === 1 ? 'once' : `${reconnects} times`;
  return repeats.length > reconnects ? `${repeats[0]}, and the encoder connected again ${times}` : undefined;
}

/** The file of a segment, whatever its address is signed with. */
export const fileOf = ({ url, range }: { url: string; range?: object | undefined }): string =>
  `${url.split('?', 1)[0]} ${range ? JSON.stringify(range) : ''}`;
