import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { encoderLines } from '../../../cli/encoder-settings.ts';

const server = 'rtmps://live.example:443/app/';
const streamKey = "key'?sign=a&b=$(id)";
const rtmp = { protocol: 'rtmps', url: `${server}${streamKey}`, server, streamKey };
const base = 'srt://live.example:9000';
const srt = { protocol: 'srt', url: `${base}?streamid=a`, server: base, streamKey: 'streamid=a' };

describe('an address for an encoder', () => {
  it('is one argument of a shell for ffmpeg, whatever is in it', () => {
    const line = encoderLines('ffmpeg', rtmp)
      .join('\n')
      .replace(/^ffmpeg/, `printf '%s\\n'`);
    expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' }).trimEnd().split('\n').slice(-3)).toEqual([
      '-f',
      'flv',
      rtmp.url,
    ]);
    expect(encoderLines('ffmpeg', srt)[0]).toMatch(/-f mpegts 'srt:/);
  });

  it('has the two fields of OBS, or one for SRT', () => {
    expect(encoderLines('obs', rtmp)).toEqual(
      expect.arrayContaining([`  Server         ${server}`, `  Stream Key     ${streamKey}`]),
    );
    expect(encoderLines('obs', srt)).toEqual(
      expect.arrayContaining([`  Server         ${srt.url}`, '  Stream Key     (empty)']),
    );
  });

  it('has what a hardware encoder asks for one by one', () => {
    const lines = encoderLines('hardware', rtmp);
    expect(lines).toEqual(
      expect.arrayContaining([
        '  protocol       RTMPS push',
        '  host, port     live.example 443',
        '  application    app',
        `  stream key     ${streamKey}`,
      ]),
    );
    expect(encoderLines('hardware', srt)).toEqual(
      expect.arrayContaining([
        '  protocol       SRT caller',
        '  host, port     live.example 9000',
        `  URL            ${srt.url}`,
      ]),
    );
  });
});
