/** Runs in two places: the page asks it where it is, and lets it run where sound is heard. */
export const { url } = import.meta;

/** Samples that are handed over at a time. */
const PART = 1024;

/** @type {any} */
const here = globalThis;

if (here.registerProcessor) {
  here.registerProcessor(
    'recorder',
    class extends here.AudioWorkletProcessor {
      part = new Float32Array(PART);
      length = 0;

      /** @param {Float32Array[][]} inputs each a list of channels, all of one length */
      process([channels]) {
        const [first] = channels;
        for (let index = 0; index < (first?.length ?? 0); index++) {
          this.part[this.length++] = channels.reduce((sum, channel) => sum + channel[index], 0) / channels.length;
          if (this.length < PART) continue;
          this.port.postMessage(this.part.slice());
          this.length = 0;
        }
        return true;
      }
    },
  );
}
