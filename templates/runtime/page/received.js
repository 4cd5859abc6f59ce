/** What has arrived of a file, and how the rest of it is asked for. */
/** @import {FileEntry} from './types.js' */

/** The server has no such file: to ask again is no use. */
export class MissingError extends Error {}

export class Received {
  length = 0;
  type = '';
  tag = '';
  wasWrong = false;
  /** It was there once, and is read again, for another backend. */
  wasWhole = false;
  /** It came in several answers. */
  wasResumed = false;
  /** It came from the cache. */
  wasKept = false;
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
  begin({ ok, status, body, headers }) {
    // What is there already is not what the server has: all of it again.
    if (status === 416) this.clear();
    else if (status >= 400 && status < 500 && status !== 408 && status !== 429) this.refuse(status);
    // An empty answer, which a cache may have, is none.
    if (ok && !body) this.wasWrong = true;
    if (!ok || !body) throw new Error(`the server answered ${status}`);
    this.wasResumed = status === 206;
    if (!this.wasResumed) this.clear();
    else if (!headers.get('content-range')?.startsWith(`bytes ${this.length}-`)) {
      this.clear();
      throw new Error('another part came than was asked for');
    }
    this.type = headers.get('content-type') ?? '';
    // Of a compressed answer the place where it broke off is not known.
    const isPlain = !headers.get('content-encoding');
    this.tag = (isPlain && (headers.get('etag') ?? headers.get('last-modified'))) || '';
  }

  /** A cache may have kept that answer from when it was true: it counts once it is new. @param {number} status */
  refuse(status) {
    const isNew = this.wasWrong;
    this.wasWrong = true;
    throw new (isNew ? MissingError : Error)(`the server answered ${status}`);
  }

  /** @param {Uint8Array} part */
  add(part) {
    this.parts.push(part);
    this.length += part.length;
  }

  get isComplete() {
    return this.length === this.file.bytes;
  }

  /** Bytes that count as transferred: those that are sent. */
  get counted() {
    const { bytes, sent } = this.file;
    return this.wasWhole ? sent : sent * Math.min(1, this.length / bytes);
  }

  /** The whole; throws if it is not as long as what was built. */
  finish() {
    const { length, file } = this;
    if (!this.isComplete) {
      this.wasWrong = true;
      this.clear();
      throw new Error(`${length} bytes came instead of ${file.bytes}`);
    }
    const whole = new Uint8Array(length);
    let offset = 0;
    for (const part of this.parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    this.wasWhole = true;
    this.clear();
    return whole.buffer;
  }
}
