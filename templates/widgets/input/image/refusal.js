import { refused } from '../../../runtime/page/refused.js';
import { text } from '../../../runtime/page/texts.js';

/** @type {Record<import('../../../runtime/page/refused.js').Refusal, string>} */
const SAID = {
  insecure: text('Browsers give the camera only to pages that come by https://. This one came by http://.'),
  lacking: text('This browser gives pages no camera.'),
  outside: text('The page around this one does not let it use the camera. Open this page by itself.'),
  framed: text('The camera was refused. Allow it beside the address, or open this page by itself: the page around it may not let it use the camera.'),
  refused: text('The camera was refused. Allow it beside the address or in the settings of the browser, then try again.'),
  missing: text('There is no camera. Connect one, then try again.'),
  busy: text('The camera cannot be started: another program may be using it. Close that one, then try again.'),
  other: text('The camera cannot be started. Try again.'),
};

/** Why there is no camera, and what can be done. @param {unknown} error what the browser said */
export const refusal = (error) => SAID[refused('camera', error)];
