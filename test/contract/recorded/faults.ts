/** A test, by its file and title; `with`: a case of it, as a text that the file has. */
export interface FaultTest {
  file: string;
  title: string;
  with?: string;
}

/** A fault that a simulator had once, with a small input that showed it, and the tests that would show it again. */
export interface FaultRow {
  fault: `V${number}`;
  what: string;
  tests: readonly FaultTest[];
}

const at = (file: string) => (title: string, one?: string) => ({
  file,
  title,
  ...(one !== undefined && { with: one }),
});

const oddMedia = at('test/unit/simulators/kit/odd-media.test.ts');
const pushed = (one: string) => oddMedia('%s is as long as what was sent and lacks nothing that can be recorded', one);
const everyVendor = at('test/contract/odd-media-at-length.test.ts');
const onEveryVendor = (one: string) => everyVendor('records %s, and says in its log what it left out', one);
const codecs = at('test/contract/codecs.test.ts');
const soundOf = (codec: string) =>
  codecs('sends an encoder away whose sound it does not take, or leaves that out, and says so', codec);
const pictureOf = (codec: string) =>
  codecs('sends an encoder away whose picture it does not take, whatever its codec is, and says so', codec);
const clock = at('test/unit/simulators/kit/media-clock.test.ts');
const segmenter = at('test/unit/simulators/kit/ts-segmenter.test.ts');
const wires = at('test/unit/simulators/kit/odd-wires.test.ts');
const chunks = at('test/unit/simulators/kit/rtmp-chunks.test.ts');
const ingest = at('test/unit/simulators/kit/rtmp-ingest.test.ts');
const elementary = at('test/unit/simulators/kit/es-format.test.ts');
const oss = at('test/unit/simulators/alibaba-oss/other-sdks.test.ts');
const ivs = at('test/unit/simulators/aws-ivs/aws-ivs.test.ts');
const volcengine = at('test/unit/simulators/volcengine-live/volcengine-live.test.ts');
const azure = at('test/unit/simulators/azure-media-services/azure-media-services.test.ts');
const models = at('test/contract/models.test.ts');
const python = at('test/system/clients/clients.test.ts');

/** Every sentence and input of what was found wrong with the simulators. */
export const faultRows: readonly FaultRow[] = [
  {
    fault: 'V1',
    what: 'sound set up after the first key frame is not in the tables',
    tests: [pushed('whose sound is set up after the first pictures'), onEveryVendor('sound that is set up late')],
  },
  {
    fault: 'V1',
    what: 'AAC without a header is a silent recording',
    tests: [pushed('whose sound is never set up'), onEveryVendor('sound that is never set up')],
  },
  { fault: 'V1', what: 'Opus is a silent recording', tests: [soundOf('Opus')] },
  { fault: 'V1', what: 'AC-3 is a silent recording', tests: [soundOf('AC-3')] },
  { fault: 'V1', what: 'FLAC is a silent recording', tests: [soundOf('FLAC')] },
  {
    fault: 'V1',
    what: 'enhanced mp4a is a silent recording',
    tests: [pushed('in the form of enhanced RTMP'), onEveryVendor('enhanced RTMP')],
  },
  {
    fault: 'V1',
    what: 'MP3 raises an error',
    tests: [pushed('with sound in MP3'), soundOf('MP3'), everyVendor('records %s too', 'MP3')],
  },
  {
    fault: 'V2',
    what: 'a step back of 1 ms loses everything to the next key frame',
    tests: [pushed('whose clock steps by'), clock('may step by %d ms once, or all the time')],
  },
  {
    fault: 'V2',
    what: 'one frame hours off',
    tests: [
      pushed('with one frame hours off'),
      onEveryVendor('a frame that is hours off'),
      clock('may be wild for a single frame of %s'),
      clock('may be wild for the only track there is'),
    ],
  },
  {
    fault: 'V2',
    what: 'the picture is frozen while the sound goes on',
    tests: [
      pushed('whose picture is frozen while the sound goes on'),
      clock('keeps a picture frozen while the sound goes on, and a silence'),
    ],
  },
  {
    fault: 'V2',
    what: 'the last frame inherits the pause before it',
    tests: [
      oddMedia('keeps a pause, and its last frame does not inherit it'),
      oddMedia('ends with its last picture when that is the first one after a pause'),
    ],
  },
  {
    fault: 'V2',
    what: 'a wrap loses a group',
    tests: [pushed('over the wrap of 32 bits'), clock('goes on where its 32 bits begin again')],
  },
  {
    fault: 'V2',
    what: 'a jump loses a group',
    tests: [
      pushed('whose clock jumps by'),
      clock('may jump %s, and the recording is as long as what was sent'),
      clock('has two tracks on one clock again after both jumped'),
    ],
  },
  {
    fault: 'V3',
    what: 'one MP3 tag ends the recording without a word',
    tests: [
      pushed('with one sound in MP3'),
      everyVendor('leaves out a single sound in MP3, or sends the encoder away for it, and says so'),
      segmenter('change with the codec of the sound, at a discontinuity'),
    ],
  },
  {
    fault: 'V3',
    what: 'one bad NAL length ends the recording without a word',
    tests: [
      pushed('with a damaged picture'),
      onEveryVendor('a damaged frame'),
      codecs('goes on over a damaged message, and says what it left out'),
    ],
  },
  {
    fault: 'V3',
    what: 'an HE-AAC header ends the recording without a word',
    tests: [
      pushed('with sound in HE-AAC'),
      onEveryVendor('sound in HE-AAC'),
      elementary('%s', 'HE-AAC v2, by its core'),
    ],
  },
  {
    fault: 'V3',
    what: 'HEVC ends the recording without a word',
    tests: [pushed('with a picture in HEVC'), pictureOf('HEVC'), everyVendor('records %s too', 'HEVC')],
  },
  {
    fault: 'V3',
    what: 'a multitrack message ends the recording without a word',
    tests: [
      pushed('with two tracks of sound'),
      pushed('with a second track of sound in Opus'),
      onEveryVendor('two tracks of sound'),
      onEveryVendor('a second track in Opus'),
      segmenter('of more than the first are reported'),
    ],
  },
  {
    fault: 'V4',
    what: 'long timestamps left out of the later chunks cut the connection',
    tests: [
      wires('%s', 'long timestamps'),
      chunks('of a late message are understood of senders that %s', 'say it once'),
    ],
  },
  {
    fault: 'V4',
    what: 'aggregate messages',
    tests: [
      wires('%s', 'aggregates of'),
      everyVendor('records what comes in %s', 'aggregates, and long timestamps said once'),
      chunks('is the messages in it, each as much later as it is after the first'),
    ],
  },
  {
    fault: 'V4',
    what: 'chunks of 1 byte cost 300 MB before authorisation',
    tests: [
      ingest('keeps little of what an unknown sender sends in chunks of %d bytes, and hangs up'),
      chunks('of %d bytes cost no more than the message they make'),
      wires('%s', 'chunks of'),
    ],
  },
  {
    fault: 'V4',
    what: 'a recording with 43,200 keys costs as many requests, outside of what a proof may ask',
    tests: [
      at('test/unit/activities/proof/many-keys.test.ts')(
        'of 43,200 segments that have a key each, the keys of those looked at are fetched, each once',
      ),
    ],
  },
  {
    fault: 'V5',
    what: "the Go SDK's AuthV4, which signs over Date, is refused",
    tests: [oss('is a signature V4 over Date, as fresh as any other')],
  },
  {
    fault: 'V5',
    what: 'list_objects dates with milliseconds',
    tests: [
      oss('is listed in whole seconds, which the SDKs want with .000'),
      at('test/unit/simulators/alibaba-oss/alibaba-oss.test.ts')(
        'write a live playlist and TS files named by the millisecond, which stay when the channel goes',
        'lastModified',
      ),
      models('finds %s of %s', 'milliseconds'),
    ],
  },
  {
    fault: 'V5',
    what: 'post_vod_playlist of an absent channel; EC 0044-00000308',
    tests: [oss('gets the number of the reason why there is no playlist')],
  },
  {
    fault: 'V5',
    what: 'names of 1,024 bytes',
    tests: [
      oss('is a name of 1,024 bytes in %s refused, for a channel and for an object'),
      oss('is a name of 1,023 bytes the longest'),
    ],
  },
  {
    fault: 'V6',
    what: 'streamKey.seq goes out on the wire',
    tests: [
      models('have every member that the simulator answers with'),
      models('finds %s of %s', '.streamKey.seq is not'),
    ],
  },
  {
    fault: 'V6',
    what: 'a presigned GET of S3 is refused',
    tests: [
      ivs('is taken until it expires'),
      ivs('is not taken when it was signed with another key, or changed'),
      python('boto3: channel, stream, recording in S3, clean-up', 'sameSigned'),
    ],
  },
  {
    fault: 'V6',
    what: 'tag keys that begin with aws: are accepted',
    tests: [
      ivs('is the prefix aws: of tag keys, at creation and afterwards'),
      ivs('is refused in the tags of whatever can have some'),
      azure('refuses the tag %s, at creation and afterwards'),
    ],
  },
  {
    fault: 'V7',
    what: 'ListDomainDetail is missing, where the sample sends its readers',
    tests: [volcengine('is the list of domains with their vhost')],
  },
  { fault: 'V7', what: 'DescribeCallback is missing', tests: [volcengine('is the callbacks as they are configured')] },
  {
    fault: 'V7',
    what: 'the App of a V3 relay is unchecked',
    tests: [
      volcengine('refuses an App of %s that cannot be one'),
      volcengine('takes the App %s for a relay'),
      volcengine('refuses an App, and a Stream, that cannot be one, wherever they are given'),
    ],
  },
  {
    fault: 'V7',
    what: 'the list of presets returns ContinueDuration, which the model lacks',
    tests: [volcengine('is never the reconnect wait of a preset'), models('finds %s of %s', 'the wait of a preset')],
  },
  {
    fault: 'V8',
    what: 'the twenty rows of the comparison with recorded traffic',
    tests: [
      at('test/contract/recorded.test.ts')('has each of the twenty facts in which the simulator was wrong once'),
      at('test/contract/recorded.test.ts')('$number: $what'),
    ],
  },
  {
    fault: 'V8',
    what: 'the location of another region is accepted',
    tests: [azure('is made only where the account is')],
  },
];
