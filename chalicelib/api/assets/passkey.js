// Passkeys: the browser and the device speak with each other; this only hands over what the server asked for.

/** Whether this browser can be asked in the server's own words. */
export const canUsePasskeys = () => Boolean(window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON);

/** Has a device make a passkey; what the server has to be told. */
export async function makePasskey(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}

/** Has a device sign with a passkey; what the server has to be told. */
export async function usePasskey(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}
