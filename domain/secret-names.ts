const secretParts = /secret|token|passw|passphrase|passcode|credential|signature|authori[sz]ation/;
const secretWords = new Set(
  'key keys apikey authkey accesskey streamkey pwd pass psk pin auth sig sign hmac md5 hdnts hdnea policy jwt sas otp'.split(
    ' ',
  ),
);

/** Whether a field or a query parameter of this name could hold a secret. */
export const isSecretName = (name: string): boolean => {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return secretParts.test(words) || words.split(/[^a-z0-9]+/).some((word) => secretWords.has(word));
};
