// Runs in the page, and gets copies: what it does to them changes neither what enters the model nor what
// is shown. It may import other files of this folder. Take the comments away from what you want.
// @ts-check
/** @typedef {import('../site/tfjs-demo').PageScript} PageScript */

/** Once, when the model answers. @type {PageScript['ready']} */
// export function ready(demo) {
//   console.log(`runs on ${demo.backend}`);
// }

/** Before the page asks the model; a text refuses the input and is shown. @type {PageScript['beforePredict']} */
// export function beforePredict(inputs) {
//   const [first] = Object.values(inputs);
//   if (first.data.every((value) => value === 0)) return 'There is nothing to look at yet.';
// }

/** When the page shows an answer. @type {PageScript['afterPredict']} */
// export function afterPredict(answers, inputs) {
//   console.log(answers, inputs);
// }

export {};
