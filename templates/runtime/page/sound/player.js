/** @typedef {import('./wav.js').Sound} Sound */

/** Plays one sound at a time; without an address, which the page's policy would have to let through. */
export class Player {
  /** @type {AudioContext | undefined} */
  context;
  /** @type {AudioBufferSourceNode | undefined} */
  source;

  /** @param {(share: number | null) => void} show how much of it was heard; null when it is over */
  constructor(show) {
    this.show = show;
  }

  /** @param {Sound} sound */
  async play({ samples, rate }) {
    this.stop();
    this.context ??= new AudioContext();
    const { context } = this;
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.getChannelData(0).set(samples);
    const source = new AudioBufferSourceNode(context, { buffer });
    this.source = source;
    source.connect(context.destination);
    source.onended = () => source === this.source && this.stop();
    this.show(0);
    await context.resume();
    if (source !== this.source) return;
    const began = context.currentTime;
    source.start();
    const follow = () => {
      if (source !== this.source) return;
      this.show(Math.min(1, (context.currentTime - began) / buffer.duration));
      requestAnimationFrame(follow);
    };
    follow();
  }

  stop() {
    const { source } = this;
    this.source = undefined;
    // One that waits for the device has not begun.
    source?.disconnect();
    if (source) this.show(null);
  }

  get isPlaying() {
    return Boolean(this.source);
  }
}
