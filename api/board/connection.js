import { byId } from './dom.js';
import { clock, now } from './now.js';
import { openStream } from './stream.js';

/** A hidden page closes its connections, because a browser has few. */
const hiddenForMs = 60_000;

/** The stream of all events, while the page is looked at. @param {{ onMessage: (event: string, data: any) => void, onEnd: (why: string) => void }} listener */
export function keepStream({ onMessage, onEnd }) {
  /** @type {number | undefined} */
  let downSince;
  /** @type {(() => void) | undefined} */
  let close;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let hiding;
  const start = () => {
    close = openStream('v1/stream', {
      onMessage,
      onState({ connected, since, problem }) {
        if (problem && [401, 403].includes(problem.status)) return onEnd(problem.detail);
        const well = connected && !problem;
        downSince = well ? undefined : (downSince ?? since ?? now());
        showConnection(well, downSince, connected ? problem?.detail : undefined);
      },
    });
  };
  const followVisibility = () => {
    clearTimeout(hiding);
    if (!document.hidden) return close ?? start();
    hiding = setTimeout(() => {
      close?.();
      close = undefined;
      downSince ??= now();
      // Who looks again must not find it up to date before the first answer.
      showConnection(false, downSince, undefined);
    }, hiddenForMs);
  };
  document.addEventListener('visibilitychange', followVisibility);
  start();
  return {
    close() {
      document.removeEventListener('visibilitychange', followVisibility);
      clearTimeout(hiding);
      close?.();
    },
  };
}

/** Whether the page is up to date. @param {boolean} well @param {number | undefined} since @param {string | undefined} why */
export function showConnection(well, since, why) {
  document.body.classList.toggle('stale', !well);
  const text = well
    ? '● up to date'
    : `▲ not ${why ? 'up to date' : 'connected'} since ${clock(since ?? now())}${why ? `: ${why}` : ''}`;
  const connection = byId('connection');
  if (connection.textContent !== text) connection.textContent = text;
}
