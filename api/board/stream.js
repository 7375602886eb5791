import { ApiError, ask } from './api.js';
import { clock, now } from './now.js';
import { isRenewable } from './session.js';

/**
 * @typedef {object} StreamState
 * @property {boolean} connected
 * @property {number} [since] When it was last heard, where nothing says that it is not connected. Epoch milliseconds.
 * @property {boolean} [over] No message follows.
 * @property {import('./api.js').Problem} [problem] Why it is not connected, or why the API cannot read the data.
 */
/** @typedef {(event: string, data: any) => void} OnMessage */

const firstDelayMs = 1_000;
const longestDelayMs = 10_000;
/** A comment comes every fifteen seconds: a stream that is silent for longer may be dead, and for longer than two of them is. */
const doubtMs = 20_000;
const silenceMs = 40_000;
/** A page that did not get a turn for so long was on a machine that slept. */
const sleptMs = 5_000;

/**
 * Server-sent events by `fetch`, because the token travels in a header. Reconnects until it is closed.
 *
 * @param {string} path
 * @param {{ onMessage: OnMessage, onState: (state: StreamState) => void }} listener
 * @returns {() => void} closes it
 */
export function openStream(path, { onMessage, onState }) {
  const closing = new AbortController();
  void keepOpen();
  return () => closing.abort();

  async function keepOpen() {
    let delayMs = firstDelayMs;
    let lastId = '';
    /** @type {StreamState} */
    let known = { connected: false };
    const say = (/** @type {StreamState} */ state) => {
      known = state;
      onState(state);
    };
    while (!closing.signal.aborted) {
      let over = false;
      try {
        const ended = await readOnce(
          lastId,
          (event, data, id) => {
            over ||= event === 'end';
            delayMs = firstDelayMs;
            if (id) lastId = id;
            // The token has ended, and the next connection has a new one.
            if (event === 'problem' && data.status === 401 && isRenewable()) return;
            say(event === 'problem' ? { connected: true, problem: data } : { connected: true });
            if (event !== 'problem') onMessage(event, data);
          },
          {
            doubted: (since) => known.connected && onState({ connected: false, since }),
            heard: () => onState(known),
          },
        );
        if (ended || over) return say({ connected: true, over: true });
        say({ connected: false });
      } catch (error) {
        if (closing.signal.aborted) return;
        const problem = error instanceof ApiError ? error.problem : undefined;
        over ||= problem !== undefined && [401, 403, 404].includes(problem.status);
        say({ connected: false, over, problem });
        if (over) return;
      }
      await pause(delayMs, closing.signal);
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    }
  }

  /**
   * One connection, to its end; true when no message follows.
   *
   * @param {string} lastId
   * @param {(event: string, data: any, id: string) => void} onEvent
   * @param {{ doubted: (since: number) => void, heard: () => void }} silence
   */
  async function readOnce(lastId, onEvent, { doubted, heard }) {
    const dead = new AbortController();
    const close = () => dead.abort();
    closing.signal.addEventListener('abort', close);
    let [heardAt, turnAt] = [Date.now(), Date.now()];
    let isDoubted = false;
    const doubt = () => {
      isDoubted = true;
      doubted(now() - (Date.now() - heardAt));
    };
    // By the clock: timers stand still while the machine sleeps, and connections end.
    const looking = setInterval(() => {
      const slept = Date.now() - turnAt > sleptMs;
      turnAt = Date.now();
      const silentMs = Date.now() - heardAt;
      if (!isDoubted && (slept || silentMs > doubtMs)) doubt();
      if (slept || silentMs > silenceMs) close();
    }, 1_000);
    try {
      const headers = { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) };
      const response = await ask(path, { headers, signal: dead.signal });
      if (response.status === 204 || !response.body) return true;
      const parse = parser(onEvent);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return false;
        heardAt = Date.now();
        if (isDoubted) heard();
        isDoubted = false;
        parse(value);
      }
    } finally {
      clearInterval(looking);
      closing.signal.removeEventListener('abort', close);
    }
  }
}

/** Why a stream brings nothing new: since when, where it goes on trying. @param {StreamState} state @param {number} since */
export function troubleText({ problem, over }, since) {
  const why = problem?.detail ?? 'the board is not connected; it tries again';
  return over ? `${why}; the board does not try again` : `${clock(since)}: ${why}`;
}

/** Takes the text in pieces of any size. @param {(event: string, data: any, id: string) => void} onEvent */
function parser(onEvent) {
  let rest = '';
  return (/** @type {string} */ text) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => {
          const at = line.indexOf(':');
          return [line.slice(0, at), line.slice(at + 1).trimStart()];
        }),
      );
      const data = fields.get('data');
      if (data !== undefined) onEvent(fields.get('event') ?? 'message', JSON.parse(data), fields.get('id') ?? '');
    }
  };
}

/** @param {number} ms @param {AbortSignal} signal */
const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
