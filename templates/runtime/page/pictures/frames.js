/** Pictures of a video, each of which the model answers. */
import { announce, find } from '../widget.js';

/** Stages of the answer (runtime/page/state.js) in which there is one still to come. */
const UNANSWERED = ['waiting', 'coming', 'computing', 'previous'];

/**
 * Puts what a video shows into a picture's widget.
 *
 * @param {import('./picture.js').Picture} picture
 * @param {HTMLVideoElement} video
 * @param {number} longest pixels of the longer side at most
 * @param {boolean} isFirst whether the canvas may be of another kind
 */
export function drawFrame(picture, video, longest, isFirst) {
  const scale = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
  const [width, height] = [video.videoWidth, video.videoHeight].map((side) => Math.max(1, Math.round(side * scale)));
  // A file that is still being read is out of date.
  picture.turn += 1;
  if (isFirst || picture.canvas.width !== width || picture.canvas.height !== height) picture.put(video, { width, height, orientation: 1 }, null, null);
  else picture.canvas.getContext('2d')?.drawImage(video, 0, 0, width, height);
}

/** Resolves when there is another picture to be seen. @param {HTMLVideoElement} video */
export const nextFrame = (video) =>
  new Promise((resolve) => ('requestVideoFrameCallback' in video ? video.requestVideoFrameCallback(resolve) : requestAnimationFrame(resolve)));

/** Has the picture looked at now, in the midst of one gesture; resolves when it has its answer, or will have none. @param {HTMLElement} root */
export function answered(root) {
  announce(root, false);
  announce(root, true);
  const pane = find(document, '#answer', HTMLElement);
  const isComing = () => UNANSWERED.includes(String(pane.dataset.stage));
  return new Promise((resolve) => {
    if (!isComing()) return resolve(undefined);
    const observer = new MutationObserver(() => {
      if (isComing()) return;
      observer.disconnect();
      resolve(undefined);
    });
    observer.observe(pane, { attributeFilter: ['data-stage'] });
  });
}
