/** @param {Uint8Array} bytes @returns {Promise<string>} SHA-256 in hexadecimal, as the server writes it */
export async function sha256Hex(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", /** @type {Uint8Array<ArrayBuffer>} */ (bytes));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} hex @returns {string} the same bytes as a Content-Digest header wants them */
export function base64OfHex(hex) {
  return btoa((hex.match(/../g) ?? []).map((byte) => String.fromCharCode(parseInt(byte, 16))).join(""));
}
