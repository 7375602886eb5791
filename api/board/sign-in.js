import { ApiError, dropToken, keepToken, read } from './api.js';
import { fill, h } from './dom.js';

/**
 * Asks for a token until the API accepts one.
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
    fill(
      place,
      h(
        'form',
        { class: 'sign-in', onsubmit: submit },
        h('h2', {}, 'Sign in'),
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

/** The reader, or undefined when the API wants a token. @returns {Promise<import('./api.js').Me | undefined>} */
export async function whoAmI() {
  try {
    return await read('v1/me');
  } catch (error) {
    if (error instanceof ApiError && [401, 403].includes(error.problem.status)) return undefined;
    throw error;
  }
}
