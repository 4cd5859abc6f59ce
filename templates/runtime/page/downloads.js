/** The model's files: each transferred once, with one progress in bytes, retried and resumed. */
/** @import {Download, FileEntry} from './types.js' */
import { recallFile } from './offline.js';
import { MissingError, Received } from './received.js';

/** Milliseconds before each further attempt; whatever brought something more does not count. */
const PAUSES = [300, 900, 2500];
/** A connection that brings nothing for so long is given up. */
const STALLED = 10_000;
/** Progress is told no more often. */
const OFTEN = 50;

/** The files did not come. */
export class DownloadError extends Error {
  /** The server is there, and has not got the file. */
  isMissing = false;
}

/** The visitor stopped the download. */
export class CancelledError extends DownloadError {}

export class Downloads {
  told = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  later;
  /** Ends all that is under way. */
  stopping = new AbortController();
  /** What is under way. @type {Map<string, Promise<ArrayBuffer>>} */
  coming = new Map();
  /** What was ever asked for. @type {Map<string, Received>} */
  received = new Map();
  /** What counts in the progress. @type {Set<Received>} */
  wanted = new Set();

  /**
   * @param {Record<string, Download>} begun by address; the first attempts, made before this page's script was there
   * @param {(loaded: number, total: number) => void} onProgress
   * @param {(file: FileEntry, bytes: ArrayBuffer, type: string, resumed: boolean) => void} keep is given every file that was transferred
   */
  constructor(begun, onProgress, keep) {
    this.begun = begun;
    this.onProgress = onProgress;
    this.keep = keep;
  }

  /**
   * The bytes of a file; rejects with a DownloadError. It counts in the progress from now on.
   * Who asks for a file that is on its way gets the same bytes as who asked before.
   *
   * @param {FileEntry} file
   * @returns {Promise<ArrayBuffer>}
   */
  get(file) {
    const { url } = file;
    const received = this.received.get(url) ?? new Received(file);
    this.received.set(url, received);
    this.wanted.add(received);
    const coming = this.coming.get(url) ?? this.transfer(received, this.stopping.signal);
    this.coming.set(url, coming);
    const forget = () => this.coming.get(url) === coming && this.coming.delete(url);
    coming.then(forget, forget);
    return coming;
  }

  /** @param {Received} received @param {AbortSignal} stop */
  async transfer(received, stop) {
    let furthest = received.length;
    for (let failed = 0; ; failed++) {
      orStopped(stop);
      try {
        const bytes = received.isComplete ? received.finish() : await this.attempt(received, stop);
        if (!received.wasKept) this.keep(received.file, bytes, received.type, received.wasResumed);
        return bytes;
      } catch (error) {
        if (stop.aborted) continue;
        if (received.length > furthest) failed = 0;
        furthest = Math.max(furthest, received.length);
        if (failed >= PAUSES.length || error instanceof MissingError) throw inWords(received, error);
        await sleep(PAUSES[failed], stop);
      }
    }
  }

  /** @param {Received} received @param {AbortSignal} stop */
  async attempt(received, stop) {
    const { response: coming, aborter } = this.take(received);
    const stopThis = () => aborter.abort();
    const giveUp = () => aborter.abort(new Error(`nothing came for ${STALLED / 1e3} seconds`));
    stop.addEventListener('abort', stopThis);
    let patience = setTimeout(giveUp, STALLED);
    try {
      const response = await coming;
      orStopped(stop);
      received.begin(response);
      this.tell(received);
      const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        orStopped(stop);
        received.add(part.value);
        this.tell(received);
        clearTimeout(patience);
        patience = setTimeout(giveUp, STALLED);
      }
      orStopped(stop);
      return received.finish();
    } finally {
      clearTimeout(patience);
      stop.removeEventListener('abort', stopThis);
      // Nobody reads the rest of an answer that was refused.
      aborter.abort();
    }
  }

  /** The attempt that was begun before, or a new one, for what is missing. @param {Received} received */
  take(received) {
    const { url } = received.file;
    const begun = this.begun[url];
    delete this.begun[url];
    if (begun) return begun;
    const aborter = new AbortController();
    // What was cached and was not right is not asked of the cache again.
    const cache = received.wasWrong ? 'reload' : 'default';
    const request = { headers: received.rest(), signal: aborter.signal, cache };
    const asked = async () => {
      const kept = received.wasWrong ? undefined : await recallFile(url);
      received.wasKept = kept !== undefined;
      return kept ?? fetch(url, /** @type {RequestInit} */ (request));
    };
    return { aborter, response: asked() };
  }

  /** @param {Received} received of which something has come */
  tell(received) {
    // That it is read again is no progress.
    if (!received.wasWhole) this.tellNow();
  }

  tellNow() {
    clearTimeout(this.later);
    const sum = (/** @type {(one: Received) => number} */ count) => [...this.wanted].reduce((total, one) => total + count(one), 0);
    const loaded = sum((one) => one.counted);
    const total = sum((one) => one.file.sent);
    const now = performance.now();
    const early = this.told + OFTEN - now;
    if (early > 0 && loaded < total) {
      this.later = setTimeout(() => this.tellNow(), early);
    } else {
      this.told = now;
      this.onProgress(loaded, total);
    }
  }

  /** Stops all that is running; what has arrived is kept. */
  cancel() {
    clearTimeout(this.later);
    this.stopping.abort();
    this.coming.clear();
  }

  /** Counts anew: every file is asked for again, and what has arrived of it stays. */
  resume() {
    this.cancel();
    this.stopping = new AbortController();
    this.wanted.clear();
  }
}

/** Older browsers have no `throwIfAborted`. @param {AbortSignal} stop */
function orStopped(stop) {
  if (stop.aborted) throw new CancelledError('The download was stopped.');
}

/** @param {Received} received @param {unknown} error */
function inWords({ file }, error) {
  const told = new DownloadError(`${file.url}: ${error instanceof Error ? error.message : error}`);
  told.isMissing = error instanceof MissingError;
  return told;
}

/** @param {number} milliseconds @param {AbortSignal} stop which ends it early */
const sleep = (milliseconds, stop) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
    stop.addEventListener('abort', resolve, { once: true });
  });
