import { expect, it } from 'vitest';
import { whyNotSource } from '../../../plan/sources.ts';

it.each([
  'rtmp://u:p@a.example/live/b',
  'rtmp://a.example/live/b?pwd=hush',
  'rtmp://a.example/live/b?auth=hush',
  'rtmp://a.example/live/b?AUTH_KEY=1-2-3',
  'rtmp://a.example/live/b?wsSecret=hush&wsTime=1',
  'https://a.example/b.m3u8?X-Amz-Algorithm=a&X-Amz-Signature=hush',
  'https://a.example/b.m3u8?hdnts=exp=1~hmac=hush',
  'https://a.example/b.m3u8?Policy=x&Key-Pair-Id=y',
  'https://a.example/b.flv#token=hush',
  'https://a.example/b;jsessionid=1;token=hush/c.m3u8',
  'srt://a.example:9000?streamid=%23!::r=live,u=ann,pass=hush',
  'srt://a.example:9000?streamid=read:live:ann:hush',
  'srt://a.example:9000?passphrase=0123456789',
  'srt://a.example:9000?streamid=live?pwd=hush',
  'srt://a.example:9000?streamid=#!::r=live,pass=hush',
  'srt://a.example:9000?streamid=%23!::r=live,s=hush',
  'srt://a.example:9000?streamid=%23!::r=live%3Fpwd%3Dhush',
  'srt://a.example:9000?streamid=read:live:token=hush',
  'rtmp://a.example/live/b?txSecret=hush',
  'rtmp://a.example/live/b?e=1&st=hush',
  'rtmp://a.example/live/b?volcTime=1&volcHash=hush',
  'rtmp://a.example/live/b?ticket=hush',
  'rtmp://a.example/live/b?hush',
  'rtmp://a.example/live/b?app=x%26ticket%3Dhush',
  'rtmp://a.example/live/b#hush',
  'rtmp://a.example/live/b;hush',
  'rtmp://a.example/live/b%3Fticket=hush',
  'rtmp://a.example/live/ticket=hush/b',
  'https://a.example/st=1~exp=2~acl=%2F~data=hush/b.m3u8',
  'rtmp://a.example/live/ann:hush@b',
  'rtmp://a.example/live/ann%3Ahush%40b',
  'rtmp://a.example/live/token/hush12345678',
  'rtmp://a.example/live/key/hush1',
  'https://a.example/eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x/b.m3u8',
  'https://a.example/202612011800/abcdef0123456789abcdef0123456789/b.m3u8',
  'https://a.example/Ovq4DFqf0VsRs0XrUXQfmA/1764590400/b.m3u8',
  'https://a.example/exp_1764590400~hmac_0123456789/b.flv',
  'rtmp://a.example/live/b?vhost=eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x',
  'srt://a.example:9000?streamid=read:live/token/hush12345678',
])('%s is no source: its secret would stay in the history', (source) => {
  expect(whyNotSource(source)).toMatch(/^carries .*readable in the history/);
});

it.each([
  'rtmp://a.example/live/b',
  'rtmp://a.example/live/b?vhost=x',
  'srt://a.example:9000?mode=caller&streamid=read:live',
  'srt://a.example:9000?streamid=%23!::r=live,m=request',
  'srt://a.example:9000?mode=caller&streamid=#!::r=live/b,m=request',
  'srt://a.example:9000?latency=200&streamid=studio-1',
  'https://a.example/i/show_,500,800,.csmil/b.m3u8',
  'https://a.example/b.m3u8?start=10',
  'https://a.example/3f9a4c1e-5b2d-4e8f-9a0b-1c2d3e4f5a6b/b.m3u8',
  'rtmp://a.example/live/abcdef0123456789abcdef0123456789',
  'https://a.example/hls/2026/1764590400/index.m3u8',
  'rtmp://a.example/auth/login',
])('%s is a source', (source) => {
  expect(whyNotSource(source)).toBeUndefined();
});

it.each([
  'rtmp://a.example/live/b\u200d',
  'rtmp://a\u3002example/live/b',
  'rtmp://a.example/\\..\\b',
  'rtmp://a.example/b c',
  'rtmp://ä.example/b',
])('%j has characters that no address has', (source) => {
  expect(whyNotSource(source)).toContain('has characters that no address has');
});

it('says which parameters may stay', () => {
  expect(whyNotSource('rtmp://a.example/live/b?ticket=hush')).toContain('only vhost, app, start');
});
