// A player that is given one address, and plays whatever is behind it: docs/on-air.md, "One address for viewers".
// It expects hls.js as the global `Hls`.

/** No picture moves for so long: what is at the address may be another by now. */
const stalledMs = 6_000;
const checkEveryMs = 1_000;
const usualWaitSeconds = 3;

/**
 * Whether a list that has ended is the recording. While a show is on air an earlier part of it may have ended, as that before
 * a reset of the encoder: the address of the recording then says to ask again later.
 */
async function isRecording(/** @type {string} */ address) {
  const { pathname, search, origin } = new URL(address, globalThis.location.href);
  const recording = `${origin}${pathname.replace(/[^/]*$/, 'recording.m3u8')}${search}`;
  // What it redirects to is the vendor's.
  const answer = await fetch(recording, { redirect: 'manual', cache: 'no-store' }).catch(() => undefined);
  // Where there is no answer to that it is asked again: a recording is not left before its end.
  return answer !== undefined && answer.status < 500 && !answer.headers.has('retry-after');
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} address `…/watch/<id>/index.m3u8`
 * @param {(state: 'waiting' | 'live' | 'recording' | 'over') => void} report
 * @returns {() => void} what ends it
 */
export function watch(video, address, report) {
  const { Hls } = globalThis;
  /** @type {InstanceType<typeof Hls> | undefined} */
  let hls;
  /** @type {'waiting' | 'live' | 'recording' | 'over'} */
  let state = 'waiting';
  let timer = 0;
  let [position, movedAt] = [0, performance.now()];

  function become(/** @type {typeof state} */ next) {
    if (state !== next) report(next);
    state = next;
  }

  function loadAfter(/** @type {number} */ seconds) {
    become('waiting');
    hls?.destroy();
    clearTimeout(timer);
    timer = setTimeout(load, seconds * 1_000);
  }

  function load() {
    clearTimeout(timer);
    hls?.destroy();
    const player = new Hls();
    hls = player;
    [position, movedAt] = [0, performance.now()];
    player.on(Hls.Events.LEVEL_LOADED, async (_, { details }) => {
      if (details.live) return become('live');
      if (state !== 'waiting') return;
      const recorded = await isRecording(address);
      if (hls !== player) return;
      if (!recorded) return loadAfter(usualWaitSeconds);
      become('recording');
      if (video.ended) onEnded();
    });
    player.on(Hls.Events.ERROR, (_, { fatal, networkDetails }) => {
      // The address says how long to wait while there is nothing; the vendor's does not.
      if (fatal) loadAfter(Number(networkDetails?.getResponseHeader?.('retry-after')) || usualWaitSeconds);
    });
    player.loadSource(address);
    player.attachMedia(video);
    video.play().catch(() => undefined);
  }

  /** What ends a live show at the player is the end of its playlist, or that nothing comes any more. */
  const watching = setInterval(() => {
    if (video.currentTime !== position) [position, movedAt] = [video.currentTime, performance.now()];
    if (state !== 'live' || (!video.ended && performance.now() - movedAt < stalledMs)) return;
    become('waiting');
    load();
  }, checkEveryMs);
  const onEnded = () => {
    if (state === 'recording') become('over');
  };
  video.addEventListener('ended', onEnded);
  load();
  return () => {
    clearInterval(watching);
    clearTimeout(timer);
    video.removeEventListener('ended', onEnded);
    hls?.destroy();
    // What is being asked has no player to answer to.
    hls = undefined;
  };
}
