import { learnClock } from './now.js';
import { isRenewable, renew, token } from './session.js';

/** @typedef {import('zod').infer<typeof import('../schemas/me.ts').meSchema>} Me */
/** @typedef {{ title: string, status: number, detail: string, problems?: { path: string, message: string }[] }} Problem */

/** The page may be served below a path. */
const base = new URL('.', document.baseURI.replace(/#.*$/, ''));

/** The API refused a request, with its problem document. */
export class ApiError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 * @throws {ApiError} for every answer that is no success, and when there is none (status 0).
 */
export async function ask(path, init = {}) {
  await renew();
  const response = await askOnce(path, init);
  if (response.ok) return response;
  if (response.status !== 401 || !isRenewable()) throw new ApiError(await problemOf(response));
  await renew({ isRefused: true });
  const again = await askOnce(path, init);
  if (!again.ok) throw new ApiError(await problemOf(again));
  return again;
}

/** @param {string} path @param {RequestInit} init */
async function askOnce(path, init) {
  const headers = new Headers(init.headers);
  const held = token();
  if (held) headers.set('authorization', `Bearer ${held}`);
  /** @type {Response} */
  let response;
  try {
    response = await fetch(new URL(path, base), { ...init, headers, cache: 'no-store' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError({ title: 'No answer', status: 0, detail: 'the API cannot be reached; try again' });
  }
  learnClock(response);
  return response;
}

/** @param {Response} response @returns {Promise<Problem>} */
async function problemOf(response) {
  const { status, statusText } = response;
  const otherwise = { title: statusText, status, detail: `the API answered ${status} ${statusText}` };
  try {
    const problem = await response.json();
    return typeof problem?.detail === 'string' ? problem : otherwise;
  } catch {
    return otherwise;
  }
}

/** @param {string} path @returns {Promise<any>} */
export const read = async (path) => (await ask(path)).json();

/** @param {string} path @param {object} body @returns {Promise<any>} */
export const send = async (path, body) =>
  (
    await ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  ).json();

/** The whole address of one of the API's paths. @param {string} path begins with `/` */
export const addressAt = (path) => new URL(path.slice(1), base).href;

/** @typedef {{ eventId: string, tenant?: string }} EventName An event, among those of all tenants. */

/** @param {EventName} event @param {string} [rest] what follows the id, such as `/stream` */
export const eventPath = ({ eventId, tenant }, rest = '') =>
  `v1/events/${encodeURIComponent(eventId)}${rest}${tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`}`;

/** @param {EventName} event */
export const identityOf = ({ eventId, tenant }) => JSON.stringify([tenant, eventId]);
