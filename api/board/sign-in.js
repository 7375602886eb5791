import { ApiError, read } from './api.js';
import { fill, h } from './dom.js';
import { findProvider, hasAnswer, leaveFor, takeAnswer } from './provider.js';
import { dropToken, keepToken } from './session.js';

/**
 * Asks for a token until the API accepts one, or leaves for the identity provider.
 *
 * @param {HTMLElement} place
 * @param {string} why Shown above; may be empty.
 * @returns {Promise<import('./api.js').Me>}
 */
export function signIn(place, why) {
  return new Promise((resolve) => {
    const field = h('input', {
      ...{ id: 'token', type: 'password', name: 'token', required: true, 'aria-describedby': 'sign-in-problem' },
      ...{ autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' },
    });
    const problem = h('p', { id: 'sign-in-problem', class: 'problem', role: 'alert' }, why);
    const button = h('button', { class: 'primary' }, 'Sign in');
    const submit = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      button.disabled = true;
      problem.textContent = '';
      keepToken(field.value.trim());
      try {
        resolve(await read('v1/me'));
      } catch (error) {
        dropToken();
        problem.textContent = error instanceof ApiError ? error.message : String(error);
        field.focus();
        field.select();
      } finally {
        button.disabled = false;
      }
    };
    const provider = h('div', { class: 'provider' });
    void offerProvider(provider, problem);
    fill(
      place,
      h(
        'form',
        { class: 'sign-in', onsubmit: submit },
        h('h2', {}, 'Sign in'),
        provider,
        h('label', { for: 'token' }, 'Token'),
        field,
        problem,
        button,
        h(
          'p',
          { class: 'note' },
          'Made by ',
          h('code', {}, 'showcaller api new-token'),
          ', or by your identity provider. It is kept in this tab alone.',
        ),
      ),
    );
    field.focus();
  });
}

/** A button for the identity provider, where the API names one. @param {HTMLElement} place @param {HTMLElement} problem */
async function offerProvider(place, problem) {
  const say = (/** @type {unknown} */ error) => {
    problem.textContent = error instanceof Error ? error.message : String(error);
  };
  try {
    const provider = await findProvider();
    if (!provider) return;
    const leave = () => leaveFor(provider).catch(say);
    const where = new URL(provider.issuer).host;
    fill(
      place,
      h('button', { type: 'button', class: 'primary', onclick: leave }, `Sign in with ${where}`),
      h('p', { class: 'note' }, 'or with a token:'),
    );
  } catch (error) {
    say(error);
  }
}

/** Takes the answer with which the identity provider sent the reader back. @returns {Promise<string>} why it gave no token; empty where it did */
export async function answerOfProvider() {
  if (!hasAnswer()) return '';
  try {
    const provider = await findProvider();
    if (provider) await takeAnswer(provider);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The reader, or undefined when the API wants a token. @returns {Promise<import('./api.js').Me | undefined>} */
export async function whoAmI() {
  try {
    return await read('v1/me');
  } catch (error) {
    if (error instanceof ApiError && [401, 403].includes(error.problem.status)) return undefined;
    throw error;
  }
}
