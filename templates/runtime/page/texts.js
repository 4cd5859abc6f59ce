/**
 * The words of the page. The sources have English ones; where the page is bundled, each call becomes
 * the text itself, in the page's language (bundler/bundle/node/texts.mjs), and values are written once.
 */

/** What the language writes for a digit, a point, a sign or between groups of digits, where that is another. @type {Record<string, string>} */
const NUMERALS = {};

/** Which form of a message stands by a count. @type {(n: number) => number} */
export const form = (n) => Number(n !== 1);

/** A number, or what was made of it, as the language writes it: five digits and more in groups, as no year is. @param {number | string} number */
export const numeral = (number) =>
  String(number)
    .replace(/^-?\d{5,}/, (whole) => whole.replace(/\B(?=(\d{3})*\d{3}$)/g, ','))
    .replace(/[-.,\d]/g, (letter) => NUMERALS[letter] ?? letter);

/** A message with its {placeholders} filled. @param {string} message @param {Record<string, any>} [values] */
export const text = (message, values = {}) => message.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

/**
 * The form of a message that fits the number, which {count} stands for.
 *
 * @param {string} one
 * @param {string} several
 * @param {number} number
 * @param {Record<string, any>} [values]
 */
export const count = (one, several, number, values = {}) => text([one, several][form(number)], { ...values, count: numeral(number) });

/** Names as a sentence lists them. @param {string[]} names */
export const list = (names) => new Intl.ListFormat(document.documentElement.lang).format(names);
