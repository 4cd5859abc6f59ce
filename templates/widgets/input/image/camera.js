/** The camera of a picture's widget: one picture, or one after the other. */
import { durationText } from '../../../runtime/page/status.js';
import { numeral, text } from '../../../runtime/page/texts.js';
import { announce, find } from '../../../runtime/page/widget.js';
import { answered, drawFrame, nextFrame } from '../../../runtime/page/pictures/frames.js';
import { refusal } from './refusal.js';

/** Pixels of the longer side: of a picture that is taken, and of those that come one after the other. */
const TAKEN = 1024;
const PASSING = 640;
/** How many answers the pace is made of, and milliseconds until it is said anew. */
const PACE = 20;
const SAID = 500;

/** @typedef {'' | 'asking' | 'on' | 'live' | 'taken'} Stage */

export class Camera {
  /** @type {Stage} */
  stage = '';
  /** Counts starts and ends, so that a camera that comes late is switched off. */
  turn = 0;
  /** The one that was chosen. @type {string | undefined} */
  device;
  /** What goes on when the page is seen again. @type {Stage} */
  paused = '';
  /** @type {MediaStream | undefined} */
  stream;

  /** @param {import('../../../runtime/page/pictures/picture.js').Picture} picture */
  constructor(picture) {
    const { root } = picture;
    this.picture = picture;
    this.root = root;
    this.view = find(root, '.camera-view', HTMLVideoElement);
    this.said = find(root, '.camera-said', HTMLElement);
    this.pace = find(root, '.camera-pace', HTMLElement);
    this.opener = find(root, '.camera-open', HTMLElement);
    this.shutter = find(root, '.camera-shutter', HTMLElement);
    this.switch = find(root, '.camera-live', HTMLElement);
    this.choice = find(root, '.camera-choice', HTMLSelectElement);
    this.shutter.onclick = () => this.shoot();
    this.switch.onclick = () => (this.stage === 'live' ? this.rest() : this.run());
    find(root, '.camera-close', HTMLElement).onclick = () => this.end();
    this.choice.onchange = () => {
      this.device = this.choice.value;
      this.open(this.stage);
    };
    // A view that is taken off the page pauses.
    this.view.onpause = () => this.view.isConnected || this.close();
    document.addEventListener('visibilitychange', () => this.follow());
  }

  /** @param {Stage} stage @param {string} [message] @param {boolean} [isWrong] */
  set(stage, message = '', isWrong = false) {
    this.stage = stage;
    this.root.dataset.camera = stage;
    this.switch.setAttribute('aria-pressed', String(stage === 'live'));
    this.said.textContent = message;
    this.said.classList.toggle('is-wrong', isWrong);
    this.pace.textContent = '';
  }

  /** Starts it, and goes on as it was. @param {Stage} [then] */
  async open(then = 'on') {
    if (this.stage === 'asking') return;
    const before = this.stage;
    const hasFocus = this.hasFocus();
    const isChoosing = document.activeElement === this.choice;
    this.close();
    const { turn } = this;
    this.set('asking', text('Allow this page to use the camera.'));
    try {
      const stream = await ask(this.device);
      if (turn !== this.turn) return stop(stream);
      this.stream = stream;
      await this.show(stream);
      if (turn !== this.turn) return;
    } catch (error) {
      if (turn !== this.turn) return;
      this.close(refusal(error), true);
      if (before === 'on') announce(this.root, true);
      return;
    }
    this.set('on');
    if (document.hidden) this.follow();
    else if (then === 'live') this.run();
    else announce(this.root, true);
    if (hasFocus) (isChoosing ? this.choice : this.shutter).focus();
  }

  /** @param {MediaStream} stream */
  async show(stream) {
    const [track] = stream.getVideoTracks();
    track.onended = () => this.end(text('The camera has stopped. Is it still connected, and allowed?'), true);
    this.view.srcObject = stream;
    await this.view.play();
    const { deviceId, facingMode } = track.getSettings();
    // Cameras that do not say where they look stand above a screen, as a rule.
    const looksAway = facingMode ? facingMode !== 'user' : /back|rear|environment/i.test(track.label);
    this.view.classList.toggle('is-mirrored', !looksAway);
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
    this.choice.replaceChildren(...cameras.map((camera, index) => new Option(camera.label || text('Camera {number}', { number: numeral(index + 1) }), camera.deviceId, false, camera.deviceId === deviceId)));
    this.choice.hidden = cameras.length < 2;
  }

  /** Takes the picture that is used from now on, and needs no more. */
  shoot() {
    const hasFocus = this.hasFocus();
    drawFrame(this.picture, this.view, TAKEN, true);
    this.close();
    this.set('taken');
    announce(this.root, true);
    if (hasFocus) this.opener.focus({ preventScroll: true });
  }

  /** One picture after the other, each as soon as the one before is answered: those between are left out. */
  async run() {
    const turn = ++this.turn;
    const began = performance.now();
    const looked = /** @type {{at: number, took: number}[]} */ ([]);
    let said = began;
    this.set('live');
    for (let isFirst = true; ; isFirst = false) {
      await nextFrame(this.view);
      if (turn !== this.turn) return;
      const asked = performance.now();
      drawFrame(this.picture, this.view, PASSING, isFirst);
      await answered(this.root);
      const at = performance.now();
      looked.push({ at, took: at - asked });
      if (looked.length > PACE) looked.shift();
      if (at < said + SAID || turn !== this.turn) continue;
      said = at;
      this.pace.textContent = paceText(looked);
    }
  }

  /** Shows what it sees, for one picture to be taken. */
  rest() {
    this.turn += 1;
    this.set('on');
    announce(this.root, true);
  }

  /** Switches it off: what was in the widget before, or was seen last, is in it again. @param {string} [message] @param {boolean} [isWrong] */
  end(message, isWrong) {
    const { stage } = this;
    const hasFocus = this.hasFocus();
    this.close(message, isWrong);
    if (stage === 'on' || stage === 'live') announce(this.root, true);
    if (hasFocus) this.opener.focus({ preventScroll: true });
  }

  /** Switches it off and tells nobody. @param {string} [message] @param {boolean} [isWrong] */
  close(message, isWrong) {
    this.turn += 1;
    this.paused = '';
    stop(this.stream);
    this.stream = undefined;
    this.view.srcObject = null;
    this.set('', message, isWrong);
  }

  /** Off while nobody sees the page, and on again where nobody has to be asked. */
  async follow() {
    const { paused, stage } = this;
    if (document.hidden && (stage === 'on' || stage === 'live')) {
      this.end(text('The camera was switched off while this page was hidden.'));
      this.paused = stage;
    } else if (!document.hidden && paused) {
      const { turn } = this;
      if ((await isGranted()) && turn === this.turn && !document.hidden) this.open(paused);
    }
  }

  hasFocus() {
    const { activeElement } = document;
    return activeElement === document.body || this.root.contains(activeElement);
  }
}

/** @param {string} [device] */
function ask(device) {
  const which = device ? { deviceId: { exact: device } } : { facingMode: 'environment' };
  return navigator.mediaDevices.getUserMedia({ video: { ...which, width: { ideal: 1280 } } });
}

/** @param {MediaStream} [stream] */
function stop(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
}

async function isGranted() {
  try {
    const name = /** @type {PermissionName} */ ('camera');
    return (await navigator.permissions.query({ name })).state === 'granted';
  } catch {
    return false;
  }
}

/** @param {{at: number, took: number}[]} looked */
function paceText(looked) {
  const [first, last] = [looked[0].at, looked[looked.length - 1].at];
  const rate = ((looked.length - 1) * 1e3) / (last - first) || 0;
  const took = looked.reduce((sum, one) => sum + one.took, 0) / looked.length;
  return text('{number} frames per second · {time}', { number: numeral(rate < 10 ? rate.toFixed(1) : Math.round(rate)), time: durationText(took) });
}
