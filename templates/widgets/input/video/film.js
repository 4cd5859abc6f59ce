/** A video's frames as pictures: in a row, as it plays, or where the visitor looks. */
import { csv } from '../../../runtime/page/taken/table.js';
import { keep } from '../../../runtime/page/taken/take.js';
import { numeral, text } from '../../../runtime/page/texts.js';
import { announce, find } from '../../../runtime/page/widget.js';
import { answered, drawFrame, nextFrame } from '../../../runtime/page/pictures/frames.js';

/** Pixels of a frame's longer side, and of what the strip shows of it. */
const LONGEST = 640;
const THUMBNAIL = 208;
/** Seconds between two frames at least: so many show something else. */
const APART = 1 / 24;

/** @typedef {'walking' | 'playing' | 'resting'} Stage what the video is in, if there is one */
/** @typedef {{at: number, item: HTMLLIElement, words: string[]}} Frame of the strip, at seconds; without words it is not answered yet */

export class Film {
  /** Counts what the visitor does, so that what takes longer can tell that it is out of date. */
  turn = 0;
  /** What the answer says. @type {string[]} */
  words = [];
  /** @type {Frame[]} */
  frames = [];
  /** @type {HTMLVideoElement | undefined} */
  video;

  /** @param {import('../../../runtime/page/pictures/picture.js').Picture} picture @param {number} most frames */
  constructor(picture, most) {
    const { root } = picture;
    this.picture = picture;
    this.root = root;
    this.most = most;
    this.body = find(root, '.film', HTMLElement);
    this.place = find(root, '.film-place input', HTMLInputElement);
    this.time = find(root, '.film-time', HTMLElement);
    this.strip = find(root, '.film-strip', HTMLElement);
    this.template = find(root, 'template', HTMLTemplateElement);
    this.pane = find(document, '#answer', HTMLElement);
    this.pane.addEventListener('answer', (event) => (this.words = /** @type {CustomEvent<string[]>} */ (event).detail));
    this.player = find(root, '.film-play', HTMLElement);
    this.walker = find(root, '.film-walk', HTMLElement);
    this.player.onclick = () => (this.stage === 'playing' ? this.begin('resting') : this.play());
    this.walker.onclick = () => (this.stage === 'walking' ? this.begin('resting') : this.walk());
    find(root, '.film-keep', HTMLElement).onclick = ({ currentTarget }) => this.keep(/** @type {HTMLElement} */ (currentTarget));
    this.place.oninput = () => this.look(this.place.valueAsNumber);
    document.addEventListener('visibilitychange', () => document.hidden && this.stage === 'playing' && this.begin('resting'));
  }

  get stage() {
    return this.root.dataset.film;
  }

  /** Whatever was done before is over. @param {Stage} stage @returns {number} the turn that begins */
  begin(stage) {
    this.root.dataset.film = stage;
    if (stage !== 'playing') this.video?.pause();
    return ++this.turn;
  }

  /** Goes through a file; what was there before stays if it is no video. @param {Blob} file */
  async open(file) {
    const turn = this.video ? this.begin('resting') : ++this.turn;
    const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, preload: 'auto', src: URL.createObjectURL(file) });
    try {
      await whole(video);
    } catch {
      discard(video);
      return this.refuse(turn);
    }
    if (!canBeSeen(video)) {
      discard(video);
      return this.refuse(turn, text('This browser does not show videos to pages. Try another browser.'));
    }
    if (turn !== this.turn) return discard(video);
    this.close();
    this.video = video;
    video.onended = () => this.stage === 'playing' && this.begin('resting');
    this.place.max = String(video.duration);
    this.frames = moments(video.duration, this.most).map((at) => this.slot(at));
    this.strip.replaceChildren(...this.frames.map(({ item }) => item));
    await this.walk(true);
  }

  /** @param {number} turn in which a file could not be used @param {string} [why] */
  refuse(turn, why = text('This file is not a video that your browser can play. Try an MP4 or WebM.')) {
    if (turn === this.turn) announce(this.root, true, why);
  }

  /** @param {number} at @returns {Frame} */
  slot(at) {
    const item = find(/** @type {DocumentFragment} */ (this.template.content.cloneNode(true)), 'li', HTMLLIElement);
    const frame = { at, item, words: [] };
    find(item, '.film-at', HTMLElement).textContent = seconds(at);
    find(item, 'button', HTMLButtonElement).onclick = () => this.look(at, frame);
    return frame;
  }

  /** All frames of the strip that have no answer yet, one after the other. @param {boolean} [isFirst] */
  async walk(isFirst = false) {
    const turn = this.begin('walking');
    for (const frame of this.frames.filter(({ words }) => !words.length)) {
      if (!(await this.show(frame, turn, isFirst))) break;
      isFirst = false;
    }
    if (turn === this.turn) this.begin('resting');
  }

  /** One frame after the other as it plays: those between are left out. */
  async play() {
    const { video } = this;
    if (!video) return;
    const turn = this.begin('playing');
    this.mark();
    try {
      await video.play();
    } catch {
      if (turn === this.turn) this.begin('resting');
    }
    while (turn === this.turn) {
      await nextFrame(video);
      if (turn !== this.turn) return;
      this.showPlace(video.currentTime);
      drawFrame(this.picture, video, LONGEST, false);
      await answered(this.root);
    }
  }

  /** The frame at so many seconds, alone. @param {number} at @param {Frame} [frame] */
  async look(at, frame) {
    const turn = this.begin('resting');
    await this.show(frame ?? { at }, turn);
  }

  /**
   * Has a frame answered; whether nothing else was done meanwhile.
   *
   * @param {Frame | {at: number}} frame
   * @param {number} turn
   * @param {boolean} [isFirst]
   */
  async show(frame, turn, isFirst = false) {
    const { picture, root, video } = this;
    if (!video) return false;
    this.showPlace(frame.at);
    try {
      await seek(video, frame.at);
    } catch {
      this.refuse(turn);
    }
    if (turn !== this.turn || video.error) return false;
    const isOfStrip = 'item' in frame;
    this.mark(isOfStrip ? frame : undefined);
    drawFrame(picture, video, LONGEST, isFirst);
    await answered(root);
    if (turn !== this.turn) return false;
    if (isOfStrip && this.pane.dataset.origin !== 'none') this.fill(frame);
    return true;
  }

  /** @param {number} at */
  showPlace(at) {
    this.place.value = String(at);
    this.place.setAttribute('aria-valuetext', seconds(at));
    this.time.textContent = text('{now} of {all}', { now: seconds(at), all: seconds(Number(this.place.max)) });
  }

  /** The one that is in the widget. @param {Frame} [shown] */
  mark(shown) {
    for (const { item } of this.frames) find(item, 'button', HTMLButtonElement).setAttribute('aria-current', String(item === shown?.item));
    if (!shown) return;
    const { strip } = this;
    const [box, frame] = [strip.getBoundingClientRect(), shown.item.getBoundingClientRect()];
    // The page itself stays where it is.
    strip.scrollLeft += frame.left < box.left ? frame.left - box.left : Math.max(0, frame.right - box.right);
  }

  /** Writes the answer that can be read now into the strip; one that is a picture is its picture. @param {Frame} frame */
  fill(frame) {
    const thumbnail = find(frame.item, 'canvas', HTMLCanvasElement);
    const answer = this.pane.querySelector('canvas:not([hidden])');
    const shown = answer instanceof HTMLCanvasElement ? answer : this.picture.canvas;
    const scale = Math.min(1, THUMBNAIL / Math.max(shown.width, shown.height));
    [thumbnail.width, thumbnail.height] = [shown.width, shown.height].map((side) => Math.max(1, Math.round(side * scale)));
    thumbnail.getContext('2d')?.drawImage(shown, 0, 0, thumbnail.width, thumbnail.height);
    find(frame.item, '.film-said', HTMLElement).textContent = this.words.join(' · ');
    frame.words = this.words;
    const isWhole = this.frames.every(({ words }) => words.length);
    if (isWhole && document.activeElement === this.walker) this.player.focus();
    this.body.classList.toggle('is-whole', isWhole);
  }

  /** The strip as a table. @param {HTMLElement} button */
  keep(button) {
    const rows = this.frames.filter(({ words }) => words.length).map(({ at, words }) => [Number(at.toFixed(3)), ...words]);
    const answers = rows[0]?.slice(1).map((_, index, { length }) => (length > 1 ? `answer_${index + 1}` : 'answer'));
    keep(button, csv([['seconds', ...(answers ?? ['answer'])], ...rows]), 'frames.csv', 'text/csv');
  }

  /** There is none any more. */
  close() {
    this.turn += 1;
    if (this.video) discard(this.video);
    this.video = undefined;
    this.frames = [];
    this.strip.replaceChildren();
    this.body.classList.remove('is-whole');
    delete this.root.dataset.film;
  }
}

/** @param {number} at */
const seconds = (at) => text('{seconds} s', { seconds: numeral(at.toFixed(1)) });

/** The middles of so many equal parts, in seconds. @param {number} duration @param {number} most */
function moments(duration, most) {
  const count = Math.max(1, Math.min(most, Math.floor(duration / APART)));
  return Array.from({ length: count }, (_, index) => (duration * (index + 0.5)) / count);
}

/** Resolves when a video has a picture and a length. @param {HTMLVideoElement} video */
async function whole(video) {
  await arrived(video, 'loadeddata');
  if (!video.videoWidth) throw new Error('This is no video.');
  if (Number.isFinite(video.duration)) return;
  // What a browser has recorded does not say how long it is: only its end does.
  video.currentTime = Number.MAX_SAFE_INTEGER;
  await arrived(video, 'seeked');
  if (!Number.isFinite(video.duration)) throw new Error('This video has no end.');
}

/** Whether a canvas gets anything of it, which WPE WebKit does not give. @param {HTMLVideoElement} video */
function canBeSeen(video) {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  context?.drawImage(video, 0, 0, 1, 1);
  return context?.getImageData(0, 0, 1, 1).data[3] === 255;
}

/** @param {HTMLVideoElement} video @param {number} at */
async function seek(video, at) {
  const arriving = arrived(video, 'seeked');
  video.currentTime = at;
  await arriving;
}

/** @param {HTMLVideoElement} video @param {string} type of the event that is waited for */
function arrived(video, type) {
  const heard = new AbortController();
  const options = { signal: heard.signal };
  return new Promise((resolve, reject) => {
    video.addEventListener(type, resolve, options);
    video.addEventListener('error', reject, options);
  }).finally(() => heard.abort());
}

/** @param {HTMLVideoElement} video */
function discard(video) {
  URL.revokeObjectURL(video.src);
  video.removeAttribute('src');
  video.load();
}
