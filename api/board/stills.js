import { ask, eventPath, identityOf } from './api.js';
import { h } from './dom.js';

/** @typedef {import('../../client/cards.ts').EventCard} Card */

/** How old a still may be, and how long one that there was none of is not asked for again. */
const freshMs = 20_000;
const absentMs = 60_000;
const size = { width: 112, height: 63 };

/**
 * Small pictures of what viewers get, for rows that are looked at: asked for one after the other, and drawn on a canvas, for
 * which the page's policy needs no further origin.
 *
 * @param {() => import('./api.js').EventName[]} wanted the events that are on air and seen
 */
export function createStills(wanted) {
  /** @type {Map<string, { canvas: HTMLCanvasElement, askAt: number }>} */
  const stills = new Map();
  let isAsking = false;

  /** @param {import('./api.js').EventName} event */
  function stillOf(event) {
    const identity = identityOf(event);
    const known = stills.get(identity);
    if (known) return known;
    // What it shows is also said: the badge beside it says whether viewers get a picture.
    const canvas = h('canvas', { class: 'still', 'aria-hidden': 'true' });
    Object.assign(canvas, size, { hidden: true });
    const made = { canvas, askAt: 0 };
    stills.set(identity, made);
    return made;
  }

  /** @param {import('./api.js').EventName} event */
  async function bring(event) {
    const still = stillOf(event);
    still.askAt = Date.now() + freshMs;
    try {
      const picture = await createImageBitmap(await (await ask(eventPath(event, '/still'))).blob());
      draw(still.canvas, picture);
      picture.close();
      still.canvas.hidden = false;
    } catch {
      still.canvas.hidden = true;
      still.askAt = Date.now() + absentMs;
    }
  }

  return {
    /** @param {import('./api.js').EventName} event */
    elementOf: (event) => stillOf(event).canvas,
    /** Asks for the one that has waited longest. */
    async tick() {
      const now = Date.now();
      const events = wanted();
      const names = new Set(events.map(identityOf));
      for (const [identity, { canvas }] of stills) {
        if (names.has(identity)) continue;
        canvas.hidden = true;
        if (!canvas.isConnected) stills.delete(identity);
      }
      if (isAsking || document.hidden) return;
      const [next] = events
        .filter((event) => stillOf(event).askAt <= now)
        .sort((a, b) => stillOf(a).askAt - stillOf(b).askAt);
      if (!next) return;
      isAsking = true;
      await bring(next);
      isAsking = false;
    },
  };
}

/** Whole, in its own shape. @param {HTMLCanvasElement} canvas @param {ImageBitmap} picture */
function draw(canvas, picture) {
  const scale = Math.min(size.width / picture.width, size.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const context = canvas.getContext('2d');
  context?.clearRect(0, 0, size.width, size.height);
  context?.drawImage(picture, (size.width - width) / 2, (size.height - height) / 2, width, height);
}
