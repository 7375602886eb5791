import { fill, h } from './dom.js';

/** The page that hls.js is served beside. */
const playerAddress = './hls.js';

/** @returns {Promise<any>} the class `Hls` */
async function loadHls() {
  // It is a classic script that also runs as a module.
  await import(playerAddress);
  return /** @type {any} */ (globalThis).Hls;
}

/** @param {string} url */
const originOf = (url) => (URL.canParse(url) ? new URL(url).origin : url);

/**
 * Loads a recording on a click: an open board causes no traffic at a vendor.
 *
 * @param {string} url of an HLS playlist
 * @param {string} label
 * @param {{ muted?: boolean, addressOf?: () => Promise<string> }} [options] `addressOf` asks for an address that leads there
 */
export function createPlayer(url, label, { muted = false, addressOf = async () => url } = {}) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const place = h('div', { class: 'player' });
  const button = h('button', { type: 'button', class: 'primary', onclick: () => void play() }, `▶ Play ${label}`);
  fill(place, button, problem);
  return place;

  async function play() {
    const video = h('video', { controls: true, playsinline: true, 'aria-label': label });
    video.muted = muted;
    const fail = (/** @type {string} */ why) => {
      problem.textContent = `${label} cannot be played here: ${why}`;
    };
    let address = url;
    document.addEventListener('securitypolicyviolation', ({ blockedURI }) => {
      // After a redirect the browser names the address that was asked first.
      if ([url, address].map(originOf).includes(originOf(blockedURI)))
        fail(`this board may not load from ${originOf(url)}; add that origin to SHOWCALLER_BOARD_MEDIA_ORIGINS`);
    });
    problem.textContent = '';
    try {
      address = await addressOf();
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
    fill(place, video, problem);
    video.focus();
    try {
      await attach(video, address, fail);
      await video.play();
    } catch (error) {
      // The browser may refuse autoplay, or the reader may have paused: the controls are there.
      if (!(error instanceof DOMException)) fail(String(error));
    }
  }

  /** @param {HTMLVideoElement} video @param {string} address @param {(why: string) => void} fail */
  async function attach(video, address, fail) {
    const Hls = await loadHls();
    if (!Hls?.isSupported()) {
      video.addEventListener('error', () =>
        fail(video.error?.message || 'the browser does not know this kind of video'),
      );
      video.src = address;
      return;
    }
    // hls.js makes its worker from text, which the page's policy forbids.
    const hls = new Hls({ enableWorker: false });
    hls.on(Hls.Events.ERROR, (/** @type {unknown} */ _name, /** @type {any} */ { fatal, details, response }) => {
      if (!fatal) return;
      hls.destroy();
      if (problem.textContent === '') fail(reasonOf(details, response?.code));
    });
    hls.loadSource(address);
    hls.attachMedia(video);
  }
}

/** @param {string} details @param {number | undefined} status */
function reasonOf(details, status) {
  if (status) return `${details}, answer ${status}`;
  return `${details}. The store must let this page read it (CORS), and the browser must know its codecs`;
}
