import { addressAt, eventPath, read } from './api.js';
import { h } from './dom.js';
import { createPlayer } from './player.js';

/** @typedef {import('../../domain/playback.ts').Playback} Playback */
/** @typedef {import('./dom.js').Child} Child */

/** @type {Record<NonNullable<Playback['needs']>, string>} */
const needsTexts = { 'viewer-token': 'needs a viewer token', signature: 'needs a signature' };

/** Where viewers watch; the picture on demand, and without its sound. @param {import('./api.js').EventName} event @param {boolean} mayGive whether the reader may give out addresses */
export const watching =
  (event, mayGive) =>
  /** @param {{ playback: Playback | undefined, over: boolean }} given @returns {Child[]} */
  ({ playback, over }) => {
    if (!playback || over) return [];
    const { hls, dash, flv, needs, note } = playback;
    /** @type {[string, string | undefined][]} */
    const addresses = [
      ['HLS', hls],
      ['DASH', dash],
      ['FLV', flv],
    ];
    return [
      h('h3', {}, 'Where viewers watch'),
      h(
        'dl',
        { class: 'facts' },
        addresses.flatMap(([name, url]) => (url ? [h('dt', {}, name), h('dd', {}, h('code', {}, url))] : [])),
      ),
      needs && h('p', { class: 'note' }, `It ${needsTexts[needs]}.`),
      note && h('p', { class: 'note' }, note),
      hls &&
        (!needs || mayGive) &&
        createPlayer(hls, 'the live picture', { muted: true, ...(needs && { addressOf: signedAddressOf(event) }) }),
    ];
  };

/** Of a stream that needs a signature or a token: the one address for viewers leads there. @param {import('./api.js').EventName} event */
const signedAddressOf = (event) => async () => {
  const { path } = await read(eventPath(event, '/viewer-address'));
  return addressAt(path);
};
