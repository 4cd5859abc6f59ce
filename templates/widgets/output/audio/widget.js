/** @import {Flaw, Tensor} from '../../../runtime/page/types.js' */
import { Player } from '../../../runtime/page/sound/player.js';
import { draw, peaksOf } from '../../../runtime/page/sound/wave.js';
import { numeral, text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';
import { flawOf, samplesOf, soundOf } from './samples.js';

export const take = () => import('./take.js');

/** @type {Record<Flaw, string>} */
const FLAWS = {
  '': '',
  loud: text('Too loud in places: cut off there.'),
  numberless: text('No numbers in places: silent there.'),
  empty: text('This sound is empty.'),
};

/** @param {HTMLElement} root @param {{sample_rate: number}} options @param {Tensor} [first] */
export const mount = (root, options, first) => new Heard(root, options, first);

/** A sound to hear, from wherever in it; it begins when somebody wants it to. */
class Heard {
  /** The share of it that was heard. */
  at = 0;

  /** @param {HTMLElement} root @param {{sample_rate: number}} options @param {Tensor} [first] */
  constructor(root, { sample_rate: rate }, first) {
    this.root = root;
    this.rate = rate;
    this.tensor = first;
    this.frame = find(root, '.sound-frame', HTMLElement);
    this.wave = find(root, '.sound-wave', SVGElement);
    this.time = find(root, '.sound-time', HTMLElement);
    this.said = find(root, '.heard-said', HTMLElement);
    this.range = find(root, '.heard-place', HTMLInputElement);
    this.playing = find(root, '.heard-play', HTMLButtonElement);
    this.player = new Player((share) => this.follow(share));
    this.playing.onclick = () => (this.player.isPlaying ? this.pause() : this.play());
    this.range.oninput = () => this.seek(this.range.valueAsNumber);
    for (const type of /** @type {const} */ (['pointerdown', 'pointermove'])) this.frame.addEventListener(type, (event) => this.point(event));
    this.frame.onclick = () => this.range.focus();
  }

  get seconds() {
    return (this.tensor?.shape[1] ?? 0) / this.rate;
  }

  /** @param {PointerEvent} event */
  point({ clientX, buttons, pointerId }) {
    if (!buttons) return;
    this.frame.setPointerCapture(pointerId);
    const { left, width } = this.wave.getBoundingClientRect();
    this.seek(Math.min(1, Math.max(0, (clientX - left) / width)));
  }

  /** @param {number} share */
  seek(share) {
    const { isPlaying } = this.player;
    this.player.stop();
    this.place(share);
    if (isPlaying && share < 1) this.play();
  }

  /** @param {number} share */
  place(share) {
    this.at = share;
    this.frame.style.setProperty('--heard', String(share));
    this.range.value = String(share);
    const seconds = (/** @type {number} */ part) => numeral((part * this.seconds).toFixed(2));
    this.time.textContent = text('{now} s of {all} s', { now: seconds(share), all: seconds(1) });
    // Who listens hears no numbers at the same time.
    if (!this.player.isPlaying) this.range.setAttribute('aria-valuetext', this.time.textContent);
  }

  async play() {
    const { tensor, rate } = this;
    if (!tensor) return;
    this.said.textContent = FLAWS[flawOf(tensor)];
    const sound = soundOf(tensor, rate);
    try {
      await this.player.play(sound, this.at === 1 ? 0 : this.at);
    } catch {
      const isThere = await sound.then(Boolean, () => false);
      this.said.textContent = isThere ? text('No sound comes out here: save it as WAV.') : text('Check your connection and try again.');
    }
  }

  /** Goes on from there the next time. */
  pause() {
    const { at } = this;
    this.player.stop();
    this.place(at);
  }

  /** @param {number | null} share null when it is over */
  follow(share) {
    this.root.classList.toggle('is-playing', share !== null);
    this.place(share ?? 0);
    // Of an answer that is hidden nobody should hear more.
    if (share !== null && getComputedStyle(this.root).visibility === 'hidden') this.pause();
  }

  /** @param {Tensor} tensor of samples from -1 to 1 @param {unknown} _over @param {boolean} isAgain Python's answer, computed on this device as well, goes on */
  show(tensor, _over, isAgain) {
    if (!isAgain) this.player.stop();
    this.tensor = tensor;
    draw(this.wave, tensor.peaks ?? peaksOf(samplesOf(tensor)));
    if (!isAgain) this.place(0);
    this.playing.disabled = !this.seconds;
    this.said.textContent = FLAWS[flawOf(tensor)];
    const said = text('a sound of {seconds} s', { seconds: numeral(this.seconds.toFixed(2)) });
    return [said, this.said.textContent].filter(Boolean).join(': ');
  }
}
