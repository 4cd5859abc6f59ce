// The state of input and answer (templates/runtime/page/state.js), tried whole: every event in every state that
// can be reached. Prints { stages, events, table, faults }: the table by event and stage, and what must not be.
import { isDeepStrictEqual } from 'node:util';
import { next, START } from '../templates/runtime/page/state.js';

// Turns are told as what matters of them: this input, one before it in the same gesture, one before that.
const [NOW, EARLIER, OLD] = [10, 9, 8];
const engine = (status) => ({ type: 'model', status: { status, message: 'no model', hint: '' } });
const input = (is, more) => ({ type: 'input', is, settled: true, isOther: true, message: is === 'usable' ? undefined : is, ...more });

const EVENTS = {
  'the input is empty': input('empty'),
  'a part of one is typed': input('partial', { settled: false, isOther: false }),
  'it is invalid': input('invalid'),
  'it changes by degrees': input('usable', { settled: false, isOther: false }),
  'it is another one': input('usable'),
  'it is what it was, or was refused': input('usable', { same: true }),
  'an example is on its way': { type: 'coming' },
  'an example is there, with Python’s answer': { type: 'example', due: true },
  'the first example, as the page opens': { type: 'example', due: false },
  'a second is over': { type: 'late' },
  'the model starts, or starts anew': engine('fallback'),
  'the model is ready': engine('ready'),
  'the model cannot be had': engine('error'),
  'this device has answered': { type: 'answer', turn: NOW },
  'it has answered an input that the gesture left behind': { type: 'answer', turn: EARLIER },
  'it has answered an input that another one replaced': { type: 'answer', turn: OLD },
  'it could not answer': { type: 'failure', turn: NOW, message: 'no answer' },
  'it could not answer an earlier input': { type: 'failure', turn: EARLIER, message: 'no answer' },
};
// What the page finds the same was usable before.
const happens = (state, { same }) => !same || !['empty', 'partial', 'invalid'].includes(state.stage) && (state.stage !== 'previous' || state.due);

const shown = ({ stage, coming }) => (coming ? 'coming' : stage);
const isAnswered = ({ stage }) => stage === 'python' || stage === 'device';
const normal = (state) => ({ ...state, turn: NOW, since: state.turn === state.since ? NOW : EARLIER });

/** What must not be, in a state or after an event. */
function* faultsOf(before, event, after) {
  const isNew = event.type === 'input' && !(event.same && before.stage !== 'unanswered');
  const answersThis = event.type === 'answer' && event.turn === before.turn && before.due;
  if (isNew && isAnswered(after)) yield 'another input has the answer of the one before';
  if (isAnswered(after) && !isAnswered(before) && event.type !== 'example' && !answersThis) yield 'an answer out of nothing';
  if (isAnswered(before) && !isNew && !isAnswered(after)) yield 'an answer to what is still shown is gone';
  if (after.stage === 'python' && event.type !== 'example' && before.stage !== 'python') yield 'Python has not answered this';
  if (event.type === 'answer' && event.turn !== before.turn && isAnswered(after) !== isAnswered(before)) yield 'an answer to another input counts';
  const wasLegible = isAnswered(before) || before.stage === 'previous';
  if (after.stage === 'previous' && !wasLegible && event.type !== 'answer') yield 'an answer that was hidden comes back';
  if (after.stage === 'previous' && isNew && event.isOther) yield 'what was replaced is shown beside what replaced it';
  if (after.stage === 'computing' && after.model !== 'ready') yield 'no model computes';
  if (after.stage === 'previous' && after.due && after.model !== 'ready') yield 'no model computes';
  if (after.stage === 'waiting' && after.due && ['ready', 'error'].includes(after.model)) yield 'waits for nothing';
  if (after.stage === 'unanswered' && after.model !== 'error' && after.due) yield 'the model was not asked';
  if (['empty', 'partial', 'invalid'].includes(after.stage) && after.due) yield 'asks what cannot be answered';
  if (['empty', 'invalid'].includes(after.stage) && !after.message) yield 'does not say what to do';
  if (after.complaint && !['python', 'unanswered'].includes(after.stage)) yield 'complains beside another input';
  if (Boolean(after.trouble) !== (after.model === 'error')) yield 'the model’s trouble is not said, or said too long';
}

const states = [normal(START)];
const table = {};
const faults = new Set();
for (const state of states) {
  for (const [name, event] of Object.entries(EVENTS)) {
    if (!happens(state, event)) continue;
    const copy = structuredClone(state);
    const after = next(Object.freeze(state), Object.freeze(event));
    if (!isDeepStrictEqual(state, copy) || !isDeepStrictEqual(after, next(copy, event))) faults.add(`${name}: not pure`);
    for (const fault of faultsOf(state, event, after)) faults.add(`${shown(state)}, ${name} → ${shown(after)}: ${fault}`);
    ((table[name] ??= {})[shown(state)] ??= new Set()).add(shown(after));
    const found = normal(after);
    if (!states.some((one) => isDeepStrictEqual(one, found))) states.push(found);
  }
}

// Long stories, with books kept by somebody else: which input is there, and whose answer was shown last.
let seed = 1;
const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
for (let story = 0; story < 200; story += 1) {
  let state = START;
  let answered = null;
  const asked = [];
  for (let step = 0; step < 100; step += 1) {
    const [name, { ...event }] = Object.entries(EVENTS)[random(Object.keys(EVENTS).length)];
    if (!happens(state, event)) continue;
    if ('turn' in event) {
      if (!asked.length) continue;
      event.turn = asked.splice(random(asked.length), 1)[0];
    }
    const after = next(state, event);
    if (after !== state && (event.type === 'answer' || event.type === 'example')) answered = event.turn ?? after.turn;
    if (isAnswered(after) && answered !== after.turn) faults.add(`story ${story}, ${name}: the answer of input ${answered} beside input ${after.turn}`);
    if (after.due && after.model === 'ready' && !asked.includes(after.turn)) asked.push(after.turn);
    state = after;
  }
}

const entries = Object.entries(table).map(([name, row]) => [name, Object.fromEntries(Object.entries(row).map(([stage, found]) => [stage, [...found]]))]);
console.log(JSON.stringify({ states: states.length, table: Object.fromEntries(entries), faults: [...faults] }));
