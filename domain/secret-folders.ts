import { isSecretName } from './secret-names.ts';

/** `exp=1~hmac=2`, `st_1`, `token-x`: fields of a signature that stand in one folder. */
const named = /(^|[~;,&_.-])(exp|expires|st|acl|hmac|hdnts|hdntl|sig|signature|token|auth|policy|key-pair-id)[=_~-]/i;
const login = /[^:]:[^@]{1,200}@/;
const jsonWebToken = /^eyJ[\w-]{10,}/;
const digest = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[\w-]{22}={0,2}|[\w-]{27}=?|[\w-]{43}=?)$/i;
/** An epoch in seconds or milliseconds, the same in hexadecimal digits, `202612011800`. */
const time = /^(?:\d{10}|\d{12}|\d{13}|(?=.*\d)[0-9a-f]{8})$/i;
const isField = (folder: string): boolean => folder.includes('=') && isSecretName(folder.slice(0, folder.indexOf('=')));
const isNamed = (folder: string): boolean => folder.length >= 12 && named.test(folder);

/**
 * Which folders of a path hold a secret by their form: a token, fields of a signature, a name and a password, what stands behind
 * a folder `token` or `key`, and a digest beside a time, as CDNs sign paths.
 * https://nginx.org/en/docs/http/ngx_http_secure_link_module.html
 * https://www.alibabacloud.com/help/en/cdn/user-guide/type-b-signing
 */
export const secretFolders = (folders: readonly string[]): boolean[] =>
  folders.map((folder, at) => {
    const [before = '', after = ''] = [folders[at - 1], folders[at + 1]];
    if (isNamed(folder) || jsonWebToken.test(folder) || (at > 0 && (login.test(folder) || isField(folder))))
      return true;
    if (isSecretName(before) && !/\.\w{2,4}$/.test(folder) && (folder.length >= 12 || /\d/.test(folder))) return true;
    return digest.test(folder) && isMixed(folder) && (time.test(before) || time.test(after));
  });

const isMixed = (text: string): boolean => /\d/.test(text) && /[a-z]/i.test(text);

const shortestRandom = 20;
const shortestWithoutCase = 32;

/** Whether a folder looks as if it was drawn by chance: a digest, a token. An id without dashes may look so too. */
function isRandom(folder: string): boolean {
  const name = folder.replace(/\.\w{2,4}$/, '');
  if (name.split(/[-_.~]/).some((part) => part.length >= shortestWithoutCase && isMixed(part))) return true;
  if (name.length < shortestRandom || !/^[\w-]+$/.test(name)) return false;
  // Names have their number at an end.
  if (!(/[a-z]/.test(name) && /[A-Z]/.test(name) && /[a-z]\d+[a-z]/i.test(name))) return false;
  const kinds = [...name].map((one) =>
    /[a-z]/.test(one) ? 'a' : /[A-Z]/.test(one) ? 'A' : /\d/.test(one) ? '0' : '-',
  );
  const changes = kinds.filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length;
  return changes >= 0.4 * (kinds.length - 1);
}

/** A path without the folders that hold a secret, or look so. */
export function withoutSecretFolders(path: string): string {
  const parts = path.split(/(\\*\/|%(?:25)*2f)/i);
  const isSecret = secretFolders(parts.filter((_, at) => at % 2 === 0));
  return parts.map((part, at) => (at % 2 === 0 && (isSecret[at / 2] || isRandom(part)) ? '…' : part)).join('');
}
