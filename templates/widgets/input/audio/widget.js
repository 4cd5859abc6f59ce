import { listenToFiles } from '../../../runtime/page/files.js';
import { draw, peaksOf } from '../../../runtime/page/sound/wave.js';
import { Player } from '../../../runtime/page/sound/player.js';
import { load, toUrl } from '../../../runtime/page/sound/wav.js';
import { numeral, text } from '../../../runtime/page/texts.js';
import { announce, find, WidgetError } from '../../../runtime/page/widget.js';

/** The least that can be left of a sound, in seconds. */
const LEAST = 0.01;

/**
 * @typedef {{sample_rate: number, duration: number, sources: string[]}} Options
 * @typedef {{src: string}} State
 */

/** The samples of a sound of the site. @param {string} url */
export const readSound = async (url) => (await load(url)).samples;

/**
 * A sound of the visitor's own: chosen, or dropped; what is between the handles is what the model hears.
 *
 * @param {HTMLElement} root
 * @param {Options} options
 */
export const mount = (root, options) => new Sound(root, options);

export class Sound {
  /** Counts sounds, so that one that arrives late is dropped. */
  turn = 0;
  /** At the model's rate. @type {Float32Array} */
  samples = new Float32Array();
  start = 0;
  end = 0;

  /** @param {HTMLElement} root @param {Options} options */
  constructor(root, { sample_rate: rate, duration, sources }) {
    this.root = root;
    this.rate = rate;
    this.most = Math.max(1, Math.round(duration * rate));
    this.frame = find(root, '.sound-frame', HTMLElement);
    this.wave = find(root, '.sound-wave', SVGElement);
    this.time = find(root, '.sound-time', HTMLElement);
    this.first = find(root, '.sound-start', HTMLInputElement);
    this.last = find(root, '.sound-end', HTMLInputElement);
    this.player = new Player((share) => this.follow(share));
    this.playing = find(root, '.sound-play', HTMLElement);
    this.playing.onclick = () => (this.player.isPlaying ? this.player.stop() : this.play());
    for (const handle of [this.first, this.last]) {
      handle.oninput = () => this.trim(handle);
      handle.onchange = () => announce(root, true);
    }
    listenToFiles(root, sources, (file) => this.take(file));
  }

  /** What the model hears. @returns {import('../../../runtime/page/sound/wav.js').Sound} */
  get sound() {
    return { samples: this.samples.subarray(this.start, this.end), rate: this.rate };
  }

  empty() {
    this.player.stop();
    this.samples = new Float32Array();
    this.start = this.end = 0;
    this.time.textContent = '';
    this.root.classList.add('is-blank');
  }

  /** @param {Float32Array} samples at the model's rate */
  put(samples) {
    this.player.stop();
    this.samples = samples;
    this.start = 0;
    this.end = Math.min(samples.length, this.most);
    for (const handle of [this.first, this.last]) handle.max = String(Math.ceil((samples.length / this.rate) * 100) / 100);
    draw(this.wave, peaksOf(samples));
    this.root.classList.remove('is-blank');
    this.showTrimmed();
  }

  /** One handle was moved; the other one stays as near as the model hears. @param {HTMLInputElement} handle */
  trim(handle) {
    const least = Math.min(Math.ceil(LEAST * this.rate), this.samples.length);
    const at = Math.min(Math.round(handle.valueAsNumber * this.rate), this.samples.length);
    if (handle === this.first) {
      this.start = Math.min(at, this.samples.length - least);
      this.end = Math.min(Math.max(this.end, this.start + least), this.start + this.most);
    } else {
      this.end = Math.max(at, least);
      this.start = Math.max(Math.min(this.start, this.end - least), this.end - this.most);
    }
    this.player.stop();
    this.showTrimmed();
    announce(this.root, false);
  }

  showTrimmed() {
    const { samples, start, end, rate } = this;
    const seconds = (/** @type {number} */ count) => numeral((count / rate).toFixed(2));
    for (const [handle, at] of /** @type {[HTMLInputElement, number][]} */ ([[this.first, start], [this.last, end]])) {
      handle.value = String(at / rate);
      handle.setAttribute('aria-valuetext', text('{seconds} s', { seconds: seconds(at) }));
    }
    this.frame.style.setProperty('--start', String(start / samples.length));
    this.frame.style.setProperty('--end', String(end / samples.length));
    this.time.textContent =
      end - start === samples.length ? text('{seconds} s', { seconds: seconds(end) }) : text('{start} to {end} s of {all} s', { start: seconds(start), end: seconds(end), all: seconds(samples.length) });
  }

  async play() {
    try {
      await this.player.play(this.sound);
    } catch {
      announce(this.root, true, text('No sound comes out of this browser.'));
    }
  }

  /** @param {number | null} share how much was heard; null when it is over */
  follow(share) {
    const { samples, start, end } = this;
    this.root.classList.toggle('is-playing', share !== null);
    if (share !== null) this.frame.style.setProperty('--heard', String((start + share * (end - start)) / samples.length));
  }

  /** @param {Blob} file */
  async take(file) {
    const turn = ++this.turn;
    try {
      const { decode } = await import('./decode.js');
      const samples = await decode(file, this.rate);
      if (turn !== this.turn) return;
      this.put(samples);
      announce(this.root, true);
    } catch {
      if (turn === this.turn) announce(this.root, true, text('This file is not a sound that your browser can open. Try a WAV or MP3.'));
    }
  }

  /** Why there is no sound yet. */
  get wanted() {
    return text('Choose a sound first.');
  }

  value() {
    if (!this.samples.length) throw new WidgetError(this.wanted, { empty: true });
    const data = this.sound.samples.slice();
    return { data, shape: [1, data.length] };
  }

  /** @returns {State | null} */
  save() {
    return this.samples.length ? { src: toUrl(this.sound) } : null;
  }

  /** @param {State | null} state */
  async restore(state) {
    const turn = ++this.turn;
    if (!state) return this.empty();
    const { samples } = await load(state.src);
    if (turn === this.turn) this.put(samples);
  }
}
