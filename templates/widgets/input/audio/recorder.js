/** The microphone of a sound's widget. */
import { flowing } from '../../../runtime/page/sound/flowing.js';
import { resample } from '../../../runtime/page/sound/resample.js';
import { draw } from '../../../runtime/page/sound/wave.js';
import { numeral, text } from '../../../runtime/page/texts.js';
import { announce, find } from '../../../runtime/page/widget.js';
import { refusal } from './refusal.js';

/** Columns of the waveform while there is no more than what was spoken yet. */
const COLUMNS = 160;
/** What is heard as it is: what browsers do to voices is for conversations. */
const PLAIN = { echoCancellation: false, noiseSuppression: false };

/** @typedef {'' | 'asking' | 'recording' | 'keeping'} Stage */

export class Recorder {
  /** @type {Stage} */
  stage = '';
  /** Counts recordings, so that a microphone that comes late is switched off. */
  turn = 0;
  /** @type {Float32Array[]} */
  parts = [];
  length = 0;
  /** @type {MediaStream | undefined} */
  stream;
  /** @type {AudioContext | undefined} */
  context;

  /** @param {import('./widget.js').Sound} sound */
  constructor(sound) {
    const { root } = sound;
    this.sound = sound;
    this.root = root;
    this.said = find(root, '.sound-said', HTMLElement);
    this.time = find(root, '.sound-time', HTMLElement);
    this.meter = find(root, '.sound-meter', HTMLElement);
    this.stopper = find(root, '.sound-stop', HTMLElement);
    this.stopper.onclick = () => this.finish();
  }

  /** @param {Stage} stage @param {string} [message] @param {boolean} [isWrong] */
  set(stage, message = '', isWrong = false) {
    this.stage = stage;
    this.root.dataset.sound = stage;
    this.said.textContent = message;
    this.said.classList.toggle('is-wrong', isWrong);
  }

  async open() {
    if (this.stage) return;
    const turn = ++this.turn;
    const hasFocus = this.root.contains(document.activeElement);
    this.set('asking', text('Allow this page to use the microphone.'));
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN });
      if (turn !== this.turn) return stop(stream);
      this.stream = stream;
      await this.listen(stream, turn);
    } catch (error) {
      if (turn === this.turn) this.close(refusal(error), true);
      return;
    }
    if (turn !== this.turn) return;
    this.sound.turn += 1;
    this.sound.empty();
    this.set('recording');
    announce(this.root, true);
    if (hasFocus) this.stopper.focus();
  }

  /** @param {MediaStream} stream @param {number} turn */
  async listen(stream, turn) {
    const [track] = stream.getAudioTracks();
    track.onended = () => this.finish();
    const context = new AudioContext();
    this.context = context;
    const { url } = await import('./worklet.js');
    await context.audioWorklet.addModule(url);
    const node = new AudioWorkletNode(context, 'recorder', { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => turn === this.turn && this.hear(data);
    this.parts = [];
    this.length = 0;
    context.createMediaStreamSource(stream).connect(node);
    await flowing(context);
  }

  /** @param {Float32Array} part */
  hear(part) {
    if (this.stage !== 'recording') return;
    const rate = /** @type {AudioContext} */ (this.context).sampleRate;
    const most = Math.ceil((this.sound.most / this.sound.rate) * rate);
    this.parts.push(part.subarray(0, most - this.length));
    this.length += this.parts[this.parts.length - 1].length;
    this.show(rate, most);
    if (this.length >= most) this.finish();
  }

  /** The level now, and what was spoken so far. @param {number} rate @param {number} most */
  show(rate, most) {
    const peak = (/** @type {Float32Array} */ part) => part.reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0);
    const each = Math.max(1, Math.round(most / this.parts[0].length / COLUMNS));
    const peaks = [];
    for (let at = 0; at < this.parts.length; at += each) peaks.push(Math.max(...this.parts.slice(at, at + each).map(peak)));
    draw(this.sound.wave, peaks, Math.max(peaks.length, Math.ceil(most / this.parts[0].length / each)));
    this.meter.style.setProperty('--level', String(Math.min(1, peak(this.parts[this.parts.length - 1]))));
    this.time.textContent = text('{seconds} s', { seconds: numeral((this.length / rate).toFixed(1)) });
  }

  /** What was spoken is the sound, at the model's rate. */
  async finish() {
    const { parts, length, context, stage } = this;
    if (stage !== 'recording' || !context) return;
    const hasFocus = document.activeElement === this.stopper;
    // It looks as before until the sound is there: no invitation comes up in between.
    this.stage = 'keeping';
    this.switchOff();
    const turn = ++this.sound.turn;
    const spoken = new Float32Array(length);
    parts.reduce((at, part) => (spoken.set(part, at), at + part.length), 0);
    const samples = await resample(spoken, context.sampleRate, this.sound.rate);
    if (turn !== this.sound.turn) return;
    this.set('');
    if (samples.length) this.sound.put(samples.subarray(0, this.sound.most));
    announce(this.root, true);
    if (hasFocus) this.sound.playing.focus();
  }

  /** Switches it off and tells nobody. @param {string} [message] @param {boolean} [isWrong] */
  close(message, isWrong) {
    this.switchOff();
    this.set('', message, isWrong);
  }

  switchOff() {
    this.turn += 1;
    stop(this.stream);
    this.stream = undefined;
    this.context?.close();
    this.context = undefined;
  }
}

/** @param {MediaStream} [stream] */
function stop(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
}
