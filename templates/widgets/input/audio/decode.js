/** A sound of any kind that the browser knows, at the model's rate. */
import { resample } from '../../../runtime/page/sound/resample.js';
import { parse } from '../../../runtime/page/sound/wav.js';

/** Samples a second of files that do not say it in their first bytes. */
const USUAL = 48000;
const RATES_OF_MPEG = [44100, 48000, 32000];

/**
 * @param {Blob} file
 * @param {number} rate
 */
export async function decode(file, rate) {
  const content = await file.arrayBuffer();
  const own = parse(content) ?? (await decoded(content));
  if (!own.samples.length) throw new Error('The sound has no samples.');
  return resample(own.samples, own.rate, rate);
}

/** By the browser, at the file's own rate, so that it does not resample. @param {ArrayBuffer} content */
async function decoded(content) {
  const buffer = await new OfflineAudioContext(1, 1, rateOf(new Uint8Array(content))).decodeAudioData(content);
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, index) => buffer.getChannelData(index));
  const samples = Float32Array.from(channels[0], (_, index) => channels.reduce((sum, one) => sum + one[index], 0) / channels.length);
  return { samples, rate: buffer.sampleRate };
}

/** What Ogg Vorbis, FLAC and MP3 say; Opus always has the usual one. @param {Uint8Array} bytes */
function rateOf(bytes) {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  const vorbis = head.indexOf('\x01vorbis');
  const view = new DataView(bytes.buffer);
  if (vorbis > 0) return view.getUint32(vorbis + 12, true);
  if (head.startsWith('fLaC')) return view.getUint32(18) >>> 12;
  // What players of MP3 show stands before the first frame, with its length in bytes of seven bits.
  let at = head.startsWith('ID3') ? 10 + bytes.subarray(6, 10).reduce((length, byte) => (length << 7) | byte, 0) : 0;
  for (const end = Math.min(at + 4096, bytes.length - 3); at < end; at++) {
    const [version, index] = [(bytes[at + 1] >> 3) & 3, (bytes[at + 2] >> 2) & 3];
    if (bytes[at] === 0xff && bytes[at + 1] >> 5 === 7 && version !== 1 && index < 3) return RATES_OF_MPEG[index] / [4, 0, 2, 1][version];
  }
  return USUAL;
}
