/**
 * Texts of the page scripts in the reader's language. The English text is the key; where a translation is missing it
 * is shown as it is. The catalogue is put into the page by /static/messages/<language>.js, before any module runs.
 */

/** Asked for each text: whoever loads this module first need not know what came before. @returns {Record<string, string|string[]>} */
function catalogue() {
  return /** @type {any} */ (globalThis).faceMonitorMessages ?? {};
}

/** @typedef {Record<string, string|number>} Values */

/**
 * @param {string} text English, with `%(name)s` where a value goes
 * @param {Values} [values]
 * @returns {string}
 */
export function _(text, values = {}) {
  const found = catalogue()[text] ?? text;
  return filled(Array.isArray(found) ? found[0] : found, values);
}

/**
 * @param {string} one English, for exactly one
 * @param {string} many English, for any other number
 * @param {number} count is filled in as `%(num)s`
 * @param {Values} [values]
 * @returns {string}
 */
export function ngettext(one, many, count, values = {}) {
  const forms = catalogue()[one] ?? [one, many];
  const form = Array.isArray(forms) ? forms[count === 1 ? 0 : 1] : forms;
  return filled(form, { num: count, ...values });
}

/** The language the page is written in, for dates and numbers. */
export function pageLanguage() {
  const lang = globalThis.document?.documentElement.lang || "en";
  // Days before months and 24 hours, as everywhere in these pages.
  return lang === "en" ? "en-GB" : lang;
}

/** @param {string} text @param {Values} values */
function filled(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
