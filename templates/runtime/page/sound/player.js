import { flowing } from './flowing.js';

/** @typedef {import('./wav.js').Sound} Sound */

/** Plays one sound at a time; without an address, which the page's policy would have to let through. */
export class Player {
  /** Counts sounds, so that one that comes late is not heard. */
  turn = 0;
  isPlaying = false;
  /** @type {AudioContext | undefined} */
  context;
  /** @type {AudioBufferSourceNode | undefined} */
  source;

  /** @param {(share: number | null) => void} show how much of it was heard; null when it is over */
  constructor(show) {
    this.show = show;
  }

  /**
   * Rejects when nothing can be heard.
   *
   * @param {Sound | Promise<Sound>} sound
   * @param {number} [from] the share of it that is left out
   */
  async play(sound, from = 0) {
    this.stop();
    const turn = this.turn;
    this.isPlaying = true;
    this.show(from);
    // Safari wants it made in the midst of a click.
    const context = (this.context ??= new AudioContext());
    try {
      const [{ samples, rate, channels = 1 }] = await Promise.all([sound, flowing(context)]);
      if (turn === this.turn) this.start(bufferOf(context, samples, rate, channels), context, from);
    } catch (error) {
      if (turn !== this.turn) return;
      this.stop();
      this.context = undefined;
      context.close();
      throw error;
    }
  }

  /** @param {AudioBuffer} buffer @param {AudioContext} context @param {number} from */
  start(buffer, context, from) {
    const source = new AudioBufferSourceNode(context, { buffer });
    this.source = source;
    source.connect(context.destination);
    source.onended = () => source === this.source && this.stop();
    const began = context.currentTime - from * buffer.duration;
    source.start(0, from * buffer.duration);
    const follow = () => {
      if (source !== this.source) return;
      this.show(Math.min(1, (context.currentTime - began) / buffer.duration));
      requestAnimationFrame(follow);
    };
    follow();
  }

  stop() {
    this.turn += 1;
    this.source?.disconnect();
    this.source = undefined;
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.show(null);
  }
}

/** @param {AudioContext} context @param {Float32Array} samples @param {number} rate @param {number} channels */
function bufferOf(context, samples, rate, channels) {
  const buffer = context.createBuffer(channels, samples.length / channels, rate);
  for (let channel = 0; channel < channels; channel++) {
    const own = buffer.getChannelData(channel);
    for (let index = 0; index < own.length; index++) own[index] = samples[index * channels + channel];
  }
  return buffer;
}
