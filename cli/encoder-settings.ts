/** What people put an address into. */
export const encoderKinds = ['obs', 'ffmpeg', 'hardware'] as const;
export type EncoderKind = (typeof encoderKinds)[number];

interface Address {
  protocol: string;
  url: string;
  server: string;
  streamKey: string;
}

/** An address as lines that are pasted into an encoder; docs/ingest.md has the same with the reasons. */
export function encoderLines(kind: EncoderKind, address: Address): string[] {
  if (kind === 'ffmpeg') return [ffmpegLine(address)];
  return kind === 'obs' ? obsLines(address) : hardwareLines(address);
}

const isSrt = ({ protocol, url }: Address): boolean => protocol === 'srt' || url.startsWith('srt:');

/** Between single quotes a shell reads nothing but the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A key frame every two seconds at 30 frames a second, as every vendor here takes it. */
const ffmpegLine = (address: Address): string =>
  [
    'ffmpeg -re -i show.mp4 -c:v libx264 -preset veryfast -b:v 4500k -maxrate 4500k -bufsize 9000k',
    '-r 30 -g 60 -keyint_min 60 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 160k -ar 48000',
    `-f ${isSrt(address) ? 'mpegts' : 'flv'} ${quoted(address.url)}`,
  ].join(' ');

const obsLines = (address: Address): string[] => [
  'Settings > Stream',
  '  Service        Custom',
  `  Server         ${isSrt(address) ? address.url : address.server}`,
  `  Stream Key     ${isSrt(address) ? '(empty)' : address.streamKey}`,
  'Settings > Output > Advanced',
  '  Rate Control   CBR, keyframe interval 2 s, profile high, tune none',
  'Settings > Advanced',
  '  Reconnect      automatically',
];

function hardwareLines(address: Address): string[] {
  const { hostname, port, pathname, protocol } = new URL(address.server);
  const usualPort = protocol === 'rtmps:' ? '443' : '1935';
  return [
    `  protocol       ${protocol.slice(0, -1).toUpperCase()} ${isSrt(address) ? 'caller' : 'push'}`,
    `  URL            ${isSrt(address) ? address.url : address.server}`,
    `  host, port     ${hostname} ${port || usualPort}`,
    ...(isSrt(address) ? [] : [`  application    ${pathname.replace(/^\/|\/$/g, '')}`]),
    `  stream key     ${isSrt(address) ? '(empty)' : address.streamKey}`,
    '  user name      (empty)',
    '  video          H.264, CBR, 25 or 30 frames a second, a key frame every 2 s',
    '  audio          AAC-LC, 48 kHz, stereo',
    '  reconnect      on, without end',
  ];
}
