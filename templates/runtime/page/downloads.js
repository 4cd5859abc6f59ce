/** The model's files: each transferred once, with one progress in bytes, retried and resumed. */
/** @import {Download, FileEntry} from './types.js' */
import { recallFile } from './offline.js';

/** Milliseconds before each further attempt. */
const PAUSES = [300, 900, 2500];
/** A connection that brings nothing for so long is given up. */
const STALLED = 10_000;
/** Progress is told no more often. */
const OFTEN = 50;

/** The files did not come. */
export class DownloadError extends Error {}

/** The server has no such file: to ask again is no use. */
class MissingError extends Error {}

/** The visitor stopped the download. */
export class CancelledError extends DownloadError {}

export class Downloads {
  loaded = 0;
  total = 0;
  cancelled = false;
  told = 0;
  /** @type {Set<AbortController>} */
  running = new Set();
  /** Of interrupted files, what has arrived. @type {Map<string, Received>} */
  received = new Map();

  /**
   * @param {Record<string, Download>} begun by address; the first attempts, made before this page's script was there
   * @param {(loaded: number, total: number) => void} onProgress
   * @param {(file: FileEntry, bytes: ArrayBuffer, type: string) => void} keep is given every file that was transferred
   */
  constructor(begun, onProgress, keep) {
    this.begun = begun;
    this.onProgress = onProgress;
    this.keep = keep;
  }

  /**
   * The bytes of a file; rejects with a DownloadError. It counts in the progress from now on.
   *
   * @param {FileEntry} file
   * @returns {Promise<ArrayBuffer>}
   */
  async get(file) {
    this.total += file.bytes;
    const received = this.received.get(file.url) ?? new Received(file);
    this.received.set(file.url, received);
    const bytes = await this.retry(file, received);
    this.received.delete(file.url);
    this.keep(file, bytes, received.type);
    return bytes;
  }

  /** @param {FileEntry} file @param {Received} received */
  async retry(file, received) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.attempt(file, received);
      } catch (error) {
        if (this.cancelled) throw new CancelledError('The download was stopped.');
        if (attempt >= PAUSES.length || error instanceof MissingError) throw new DownloadError(`${file.url}: ${error instanceof Error ? error.message : error}`);
        await new Promise((resolve) => setTimeout(resolve, PAUSES[attempt]));
        if (this.cancelled) throw new CancelledError('The download was stopped.');
      }
    }
  }

  /** @param {FileEntry} file @param {Received} received */
  async attempt(file, received) {
    const { response: coming, aborter } = this.take(file, received);
    this.running.add(aborter);
    let patience = setTimeout(() => aborter.abort(), STALLED);
    try {
      const response = await coming;
      const before = received.length;
      received.begin(response);
      this.count(received.length - before);
      const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        received.add(part.value);
        this.count(part.value.length);
        clearTimeout(patience);
        patience = setTimeout(() => aborter.abort(), STALLED);
      }
      try {
        return received.finish();
      } catch (error) {
        this.count(-received.length);
        received.clear();
        throw error;
      }
    } finally {
      clearTimeout(patience);
      this.running.delete(aborter);
    }
  }

  /** The attempt that was begun before, or a new one, for what is missing. @param {FileEntry} file @param {Received} received */
  take({ url }, received) {
    const begun = this.begun[url];
    delete this.begun[url];
    if (begun) return begun;
    const aborter = new AbortController();
    // What was cached and was not right is not asked of the cache again.
    const cache = received.wasWrong ? 'reload' : 'default';
    const headers = received.rest();
    const asked = async () => (await recallFile(url)) ?? fetch(url, { headers, signal: aborter.signal, cache });
    return { aborter, response: asked() };
  }

  /** @param {number} bytes */
  count(bytes) {
    this.loaded += bytes;
    const now = performance.now();
    if (now - this.told < OFTEN && this.loaded < this.total) return;
    this.told = now;
    this.onProgress(this.loaded, this.total);
  }

  /** Stops all that is running; what has arrived is kept. */
  cancel() {
    this.cancelled = true;
    for (const aborter of this.running) aborter.abort();
  }

  /** Counts anew: every file is asked for again, and what has arrived of it stays. */
  resume() {
    this.cancelled = false;
    this.total = 0;
    this.loaded = 0;
    for (const received of this.received.values()) this.loaded += received.length;
  }
}

/** What has arrived of a file. */
class Received {
  length = 0;
  type = '';
  tag = '';
  wasWrong = false;
  /** @type {Uint8Array[]} */
  parts = [];

  /** @param {FileEntry} file */
  constructor(file) {
    this.file = file;
  }

  clear() {
    this.parts = [];
    this.length = 0;
    this.tag = '';
  }

  /** The headers that ask for the rest. @returns {Record<string, string>} */
  rest() {
    return this.length && this.tag ? { Range: `bytes=${this.length}-`, 'If-Range': this.tag } : {};
  }

  /** @param {Response} response */
  begin(response) {
    const { ok, status, body } = response;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw new MissingError(`the server answered ${status}`);
    if (!ok || !body) throw new Error(`the server answered ${status}`);
    if (response.status !== 206) this.clear();
    this.type = response.headers.get('content-type') ?? '';
    // Of a compressed answer the place where it broke off is not known.
    const isPlain = !response.headers.get('content-encoding');
    this.tag = (isPlain && (response.headers.get('etag') ?? response.headers.get('last-modified'))) || '';
  }

  /** @param {Uint8Array} part */
  add(part) {
    this.parts.push(part);
    this.length += part.length;
  }

  /** The whole; throws if it is not as long as what was built. */
  finish() {
    const { bytes: wanted } = this.file;
    if (this.length !== wanted) {
      this.wasWrong = true;
      throw new Error(`${this.length} bytes came instead of ${wanted}`);
    }
    const whole = new Uint8Array(wanted);
    let offset = 0;
    for (const part of this.parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole.buffer;
  }
}
