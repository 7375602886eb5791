import type { Channel, ChannelRef, IngestEndpoint, LiveWindow, Output } from '../domain/channel.ts';
import { keyOf } from '../domain/channel.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { Playback } from '../domain/playback.ts';
import { withSessions } from '../domain/windows.ts';
import { askAgain, type CheckRun, endOf, ownChannels, pushed, waitsOf } from './check-run.ts';
import { Contradiction, NotTestable } from './findings.ts';
import { isElsewhere, isHere } from './place.ts';
import { provedRecording } from './recording.ts';
import { withWrongKey } from './secrets.ts';
import { endpointsOf, knock, live, untilEncoder } from './steps.ts';
import { playbackOf, playbackStays, watched } from './viewers.ts';
import { reach, refusalOf, rest, retried, until } from './waits.ts';

/** What the show has made when it is stopped, for the checks that follow the clean-up. */
export interface MadeByShow {
  channel: Channel;
  url: string;
  recordings: string[];
}

/** One short show: an encoder is dropped by a reset, comes back, and is dropped by the stop. */
export async function show(run: CheckRun, shown: Partial<MadeByShow>): Promise<void> {
  const channel = await allocated(run);
  shown.channel = channel;
  const early = await playbackOf(run, channel);
  const output = await opened(run, channel);
  const playback = await playbackStays(run, channel, early);
  const endpoint = await entrance(run, channel);
  shown.url = endpoint.url;
  const openedAt = Date.now();
  const windows = await twoWindows(run, { channel, output, url: endpoint.url, playback });
  const { showEndedAt, recording, evidence } = await stopped(run, channel, endpoint);
  const span = { from: openedAt, to: Date.now() };
  await sessionsInside(run, evidence.sessions, span);
  const seen = withSessions(windows, evidence.sessions, span);
  shown.recordings = await provedRecording(run, { channel, output: recording, windows: seen, showEndedAt });
}

async function allocated(run: CheckRun): Promise<Channel> {
  const { driver, event, findings } = run;
  const before = run.calls.length;
  await findings.check('name', async () => {
    const [one, two] = [driver.refOf(event).name, driver.refOf(event).name];
    if (one !== two || run.calls.length > before) throw new Contradiction(`it was named ${one}, then ${two}`);
    return one;
  });
  run.say('allocating the channel; the answer to one call is lost on purpose');
  run.loseNextChange();
  const allocate = () => driver.allocate(event);
  const channel = await findings.need('allocate', async () => {
    const made = await findings.timed('allocate', () => reach(allocate, 'before-show', waitsOf(run)));
    run.ref = made.ref;
    return made;
  });
  await askAgain(run, 'allocate', channel, () => reach(allocate, 'before-show', waitsOf(run)));
  await findings.check('place', () => isElsewhere(run, channel));
  await findings.check('ownership', () => refusesOthers(run));
  await findings.check('closed-before-start', async () => {
    const endpoints = await endpointsOf(driver, channel, waitsOf(run));
    for (const { url } of endpoints) await staysShut(run, url, 1);
    return endpoints.length === 0 ? 'it has no address yet' : 'the address refuses';
  });
  return channel;
}

/** Never reached, should the driver take it over after all: what it returns is the same channel, and is cleaned up. */
async function refusesOthers({ driver, event }: CheckRun): Promise<void> {
  const intruder = { ...event, workflowId: workflowIdOf(`${event.eventId}-intruder`) };
  const { kind, message } = await refusalOf(() => driver.allocate(intruder)).catch(() => {
    throw new Contradiction('another workflow was given the channel');
  });
  if (kind !== 'conflict') throw new Contradiction(`another workflow was refused as ${kind}: ${message}`);
}

async function opened(run: CheckRun, channel: Channel): Promise<Output> {
  const { driver, findings } = run;
  run.say('starting the channel');
  run.running();
  const start = () => reach(() => driver.start(channel), 'before-show', waitsOf(run));
  await findings.need('start', () => findings.timed('start', start));
  await askAgain(run, 'start', undefined, start);
  const createOutput = () => reach(() => driver.createOutput(channel), 'before-show', waitsOf(run));
  const output = await findings.need('output', () => findings.timed('create the output', createOutput));
  await askAgain(run, 'createOutput', output, createOutput);
  await findings.check('lost-response', async () => {
    if (run.lost.length === 0)
      throw new NotTestable('no call before the encoder changed anything, so that no answer was lost');
    const own = await ownChannels(run);
    if (own.length > 1) throw new Contradiction(`${run.lost[0]} lost its answer, and ${own.length} channels were made`);
    return `the answer to ${run.lost[0]} was lost`;
  });
  return output;
}

async function isListed(run: CheckRun): Promise<ChannelRef[]> {
  const own = await ownChannels(run);
  if (!own.some(({ name }) => name === run.ref.name)) {
    throw new Contradiction(`the listing does not show ${run.ref.name} with ${run.event.workflowId}`);
  }
  return own;
}

async function entrance(run: CheckRun, channel: Channel): Promise<IngestEndpoint> {
  const { driver, findings, account } = run;
  const endpoints = await retried(() => driver.ingest(channel), waitsOf(run));
  const endpoint = endpoints.find(({ protocol }) => protocol !== 'srt');
  if (!endpoint) throw new Contradiction('the started channel gives no RTMP address to push to');
  await findings.check('wrong-key', () => staysShut(run, withWrongKey(endpoint.url, account), 1));
  return endpoint;
}

interface Sent {
  channel: Channel;
  output: Output;
  url: string;
  playback: Playback | undefined;
}

async function twoWindows(run: CheckRun, { channel, output, url, playback }: Sent): Promise<LiveWindow[]> {
  const { driver, findings, limits } = run;
  run.say('the encoder connects');
  const first = await findings.need('let-in', () => findings.timed('let the encoder in', () => pushed(run, url)));
  const seen = await findings.need('presence', () =>
    findings.timed('say that the encoder is connected', () => untilEncoder(driver, channel, 'connected', waitsOf(run))),
  );
  await findings.check('live-list', () => listsLive(run, channel.ref));
  const listed = await findings.check(
    'sweep',
    () => until(() => isListed(run), waitsOf(run)),
    () => undefined,
  );
  if (listed) await findings.check('place', async () => isHere(run, listed.value));
  await watched(run, channel, playback);
  const windows = [await live(driver, channel, limits.windowMs, waitsOf(run))];
  run.say('the encoder is dropped by a reset');
  await findings.check('reset', async () => {
    await findings.timed('reset', () => reach(() => driver.reset(channel, output), 'watching', waitsOf(run)));
    const end = await endOf(run, first, droppedWithinMs);
    if (end?.reason !== 'closed') throw new Contradiction(`the encoder ${end ? `was ${end.reason}` : 'sends on'}`);
  });
  await first.drop();
  await findings.check('presence', () =>
    findings.timed('say that the encoder is gone', () => untilEncoder(driver, channel, 'absent', waitsOf(run))),
  );
  await findings.need('reset', () => findings.timed('let the encoder in again', () => pushed(run, url)));
  const back = await findings.need('presence', () => untilEncoder(driver, channel, 'connected', waitsOf(run)));
  if (seen.session !== undefined && seen.session === back.session) {
    findings.contradict('presence', 'the encoder that came back has the session of the one before it');
  }
  windows.push(await live(driver, channel, limits.windowMs, waitsOf(run)));
  return windows;
}

/** A vendor cuts a connection a moment after it has said so. */
const droppedWithinMs = 30_000;

async function listsLive(run: CheckRun, ref: ChannelRef): Promise<void> {
  const list = run.driver.listLive?.bind(run.driver);
  if (!list) throw new NotTestable('this vendor is asked channel by channel', { lacking: true });
  await until(async () => {
    const found = (await list()).find(({ channel }) => channel === keyOf(ref));
    if (found?.observation.encoder !== 'connected') throw new Contradiction('the listing does not show the channel');
  }, waitsOf(run));
}

async function stopped(run: CheckRun, channel: Channel, { url }: IngestEndpoint) {
  const { driver, findings } = run;
  run.say('the channel is stopped while the encoder sends');
  // A reset may have begun another output.
  const recording = await reach(() => driver.createOutput(channel), 'before-show', waitsOf(run));
  const showEndedAt = Date.now();
  const [encoder] = run.encoders;
  const stop = () => reach(() => driver.stop(channel, recording), 'after-show', waitsOf(run));
  const evidence = await findings.need('stop', async () => {
    const found = await findings.timed('stop', stop);
    const end = encoder && (await endOf(run, encoder, droppedWithinMs));
    if (end?.reason === 'closed') run.stopped();
    else findings.contradict('stop', 'the encoder sends on after the stop');
    return found;
  });
  await askAgain(run, 'stop', evidence.sessions.length, async () => (await stop()).sessions.length);
  await findings.check('closed-after-stop', () => staysShut(run, url, 3));
  return { showEndedAt, recording, evidence };
}

/** An encoder that tries again is refused each time. */
export async function staysShut(run: Pick<CheckRun, 'timeScale' | 'signal'>, url: string, times: number) {
  for (let i = 0; i < times; i += 1) {
    if (i > 0) await rest(Math.max(250, 5_000 * run.timeScale), run.signal);
    if ((await knock(url)) === 'let in') throw new Contradiction('an encoder was let in');
  }
}

/** Clocks of vendors and ours differ, and vendors round. */
const clockSkewMs = 10_000;

async function sessionsInside(run: CheckRun, sessions: { startedAt: number; endedAt?: number }[], span: LiveWindow) {
  await run.findings.check('sessions', async () => {
    if (sessions.length === 0) throw new NotTestable('this vendor keeps none', { lacking: true });
    for (const [i, { startedAt, endedAt = span.to }] of sessions.entries()) {
      const inOrder = startedAt >= (sessions[i - 1]?.startedAt ?? 0) && endedAt >= startedAt;
      const inside = startedAt >= span.from - clockSkewMs && endedAt <= span.to + clockSkewMs;
      if (!inOrder || !inside) {
        const from = new Date(startedAt).toISOString();
        throw new Contradiction(`a session from ${from} is ${inOrder ? 'outside the show' : 'out of order'}`);
      }
    }
    return `${sessions.length} sessions`;
  });
}
