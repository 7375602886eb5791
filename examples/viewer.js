// A player that is given one address, and plays whatever is behind it: docs/on-air.md, "One address for viewers".
// It expects hls.js as the global `Hls`.

/** No picture moves for so long: what is at the address may be another by now. */
const stalledMs = 6_000;
const checkEveryMs = 1_000;
const usualWaitSeconds = 3;

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

  function load() {
    clearTimeout(timer);
    hls?.destroy();
    hls = new Hls();
    [position, movedAt] = [0, performance.now()];
    hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
      if (details.live) become('live');
      else if (state !== 'live') become('recording');
    });
    hls.on(Hls.Events.ERROR, (_, { fatal, networkDetails }) => {
      if (!fatal) return;
      become('waiting');
      // The address says how long to wait while there is nothing; the vendor's does not.
      const seconds = Number(networkDetails?.getResponseHeader?.('retry-after')) || usualWaitSeconds;
      hls?.destroy();
      clearTimeout(timer);
      timer = setTimeout(load, seconds * 1_000);
    });
    hls.loadSource(address);
    hls.attachMedia(video);
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
  };
}
