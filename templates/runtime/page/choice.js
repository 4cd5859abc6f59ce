/** Which backend answers fastest here, and whether it answers what Python answers. */
/** @import {Client} from './client.js' */
/** @import {Runner} from './runner.js' */
/** @import {Sample} from './golden.js' */
import { describe, isAvailable, remember } from './backends.js';
import { isRight, readGolden } from './golden.js';
import { numeral, text } from './texts.js';

/** @import {Computing} from './backends.js' */

/** @typedef {Computing & {milliseconds: number, error: number, problem: string}} Measured */

const RUNS = 6;
/** An answer that is there within this many milliseconds is there at once. */
const AT_ONCE = 8;
/** Another backend has to be so much faster to be worth the change. */
const GAIN = 0.8;

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * @param {Runner} runner
 * @param {Sample} golden
 * @param {number} tolerance
 */
async function measure(runner, golden, tolerance) {
  const { errors, milliseconds } = await runner.ask({ type: 'check', golden, runs: RUNS });
  const error = Math.max(0, .../** @type {number[]} */ (Object.values(errors)));
  const problem = isRight(errors, golden, tolerance) ? '' : text('answers wrongly here');
  // The first run does not count where there is another: backends compile then.
  return { milliseconds: median(milliseconds.slice(milliseconds.length > 1 ? 1 : 0)), error, problem };
}

/** @param {Client} client @param {Computing} computing */
export const isInUse = (client, { backend, threads }) => backend === client.backend && threads === client.threads;

/** Runs a sample on every backend of this browser, one after the other. @param {Client} client @param {Computing[]} candidates */
export async function compareBackends(client, candidates = client.candidates) {
  const { tolerance, samples } = await readGolden(client.options.golden, client.readers);
  const golden = await samples[0]();
  const found = [];
  for (const computing of candidates) {
    if (!(await isAvailable(computing.backend, client.options))) continue;
    found.push({ ...computing, ...(await measureOne(client, computing, golden, tolerance)) });
  }
  return found;
}

/** @param {Client} client @param {Computing} computing @param {Sample} golden @param {number} tolerance */
async function measureOne(client, computing, golden, tolerance) {
  /** @type {Runner | undefined} */
  let runner;
  try {
    if (isInUse(client, computing)) return await measure(await client.starting, golden, tolerance);
    runner = await client.startBeside(computing);
    return await measure(runner, golden, tolerance);
  } catch (error) {
    return { milliseconds: NaN, error: NaN, problem: error instanceof Error ? error.message : String(error) };
  } finally {
    runner?.dispose();
  }
}

/**
 * Goes on with the fastest backend that answers rightly, and remembers it. Leaves everything as
 * it is where an earlier visit has decided and where the visitor saves data; only tells whether
 * the answers are right where the address has decided, and where an answer is there at once.
 *
 * @param {Client} client
 */
export async function chooseFastest(client) {
  const { early, options } = client;
  const saves = /** @type {any} */ (navigator).connection?.saveData;
  if (early.remembered || saves || !client.backend) return [];
  const inUse = { backend: client.backend, threads: client.threads };
  const [current] = await compareBackends(client, [inUse]);
  if (early.forced || (!current.problem && current.milliseconds <= AT_ONCE)) return [current];
  // JavaScript alone is what the build chooses for tiny models, and slower for all others.
  const others = client.candidates.filter((one) => !isInUse(client, one) && one.backend !== 'cpu');
  const found = [current, ...(await compareBackends(client, others))];
  const right = found.filter(({ problem }) => !problem);
  const [best] = right.sort((one, other) => one.milliseconds - other.milliseconds);
  const isBetter = best && best !== current && (current.problem || best.milliseconds < GAIN * current.milliseconds);
  if (isBetter) await client.change(best, reasonOf(best, current));
  if (best) remember(options, isBetter ? best : current);
  return found;
}

/** @param {Measured} best @param {Measured} current */
function reasonOf(best, current) {
  const instead = current.problem || text('{number} ms', { number: numeral(Math.round(current.milliseconds)) });
  return text('it answers a sample in {number} ms, {other}: {instead}', {
    number: numeral(Math.round(best.milliseconds)),
    other: describe(current),
    instead,
  });
}

/**
 * Runs every sample on the backend in use.
 *
 * @param {Client} client
 * @returns {Promise<{right: number, samples: number, error: number, tolerance: number, milliseconds: number}>}
 */
export async function verifyHere(client) {
  const { tolerance, samples } = await readGolden(client.options.golden, client.readers);
  const runner = await client.starting;
  const begin = performance.now();
  const worst = [];
  let right = 0;
  for (const decode of samples) {
    const golden = await decode();
    const { errors } = await runner.ask({ type: 'check', golden, runs: 1 });
    worst.push(Math.max(0, .../** @type {number[]} */ (Object.values(errors))));
    if (isRight(errors, golden, tolerance)) right += 1;
  }
  return { right, samples: samples.length, error: Math.max(...worst), tolerance, milliseconds: performance.now() - begin };
}
