/** @import {EngineStatus} from './types.js' */
/**
 * The input and its answer are one state: what follows what, and nothing else. It knows no page; what its
 * stages look like is said by panes.css, and their table in templates/README.md is made of this file.
 *
 * @typedef {'empty' | 'partial' | 'invalid' | 'usable'} Condition Of an input; a partial one is in the midst of being typed.
 * @typedef {'empty' | 'partial' | 'invalid' | 'waiting' | 'computing' | 'previous' | 'python' | 'device' | 'unanswered'} Stage
 * @typedef {EngineStatus['status']} Model
 *
 * @typedef {object} State
 * @property {Stage} stage
 * @property {Model} model
 * @property {number} turn counts the inputs
 * @property {number} since the first of the inputs that one gesture makes of each other
 * @property {boolean} due whether the model is to answer this input
 * @property {boolean} coming whether an example is on its way
 * @property {string} message what is to be entered or mended
 * @property {string} complaint what went wrong with this input
 * @property {string} trouble what went wrong with the model
 *
 * @typedef {{type: 'input', is: Condition, settled: boolean, isOther?: boolean, same?: boolean, message?: string}
 *   | {type: 'example', due: boolean}
 *   | {type: 'coming'}
 *   | {type: 'late'}
 *   | {type: 'model', status: EngineStatus}
 *   | {type: 'answer', turn: number}
 *   | {type: 'failure', turn: number, message: string}} Event
 */

/** @type {State} */
export const START = { stage: 'waiting', model: 'starting', turn: 0, since: 0, due: false, coming: false, message: '', complaint: '', trouble: '' };

/** What a usable input without an answer is. @type {Partial<Record<Model, Stage>>} */
const WITHOUT = { ready: 'computing', error: 'unanswered' };
/** @param {Model} model @returns {Stage} */
const withoutAnswer = (model) => WITHOUT[model] ?? 'waiting';

/** @param {Stage} stage */
export const isAnswered = (stage) => stage === 'python' || stage === 'device';

/** Whether a stage lasts no longer than a second. @param {Stage} stage */
export const isBrief = (stage) => stage === 'partial' || stage === 'previous';

/**
 * The state after an event; the same one where the event is out of date.
 *
 * @param {State} state
 * @param {Event} event
 * @returns {State}
 */
export function next(state, event) {
  const { stage, model, turn, since, due } = state;
  switch (event.type) {
    case 'input':
      return afterInput(state, event);
    case 'example':
      return { ...state, ...begun(turn + 1), stage: 'python', due: event.due };
    case 'coming':
      return { ...state, coming: true };
    case 'late':
      return isBrief(stage) ? { ...state, stage: due ? 'computing' : 'invalid' } : state;
    case 'model':
      return afterModel(state, event);
    case 'answer':
      if (event.turn === turn && due) return { ...state, stage: 'device', due: false, complaint: '' };
      // Of an input that this gesture has left behind.
      return due && stage !== 'python' && model === 'ready' && event.turn >= since ? { ...state, stage: 'previous' } : state;
    case 'failure':
      if (event.turn !== turn || !due || model === 'error') return state;
      return { ...state, due: false, stage: stage === 'python' ? stage : 'unanswered', complaint: event.message };
  }
}

/** Another input than any before. @param {number} turn */
const begun = (turn) => ({ turn, since: turn, coming: false, message: '', complaint: '' });

/** @param {State} state @param {Event & {type: 'input'}} event @returns {State} */
function afterInput(state, { is, settled, isOther, same, message = '' }) {
  if (same && state.stage !== 'unanswered') return { ...state, coming: false };
  const { model, since, turn } = state;
  const isOnShow = !isOther && (isAnswered(state.stage) || state.stage === 'previous');
  const due = is === 'usable';
  const stage = due ? withoutAnswer(model) : is === 'partial' && settled ? 'invalid' : is;
  const isPassing = isOnShow && (stage === 'computing' || stage === 'partial');
  return {
    ...state,
    ...begun(turn + 1),
    ...(isOther || stage === 'empty' || stage === 'invalid' ? {} : { since }),
    stage: isPassing ? 'previous' : stage,
    due,
    message,
  };
}

/** @param {State} state @param {Event & {type: 'model'}} event @returns {State} */
function afterModel(state, { status }) {
  const { stage, due } = state;
  const model = status.status;
  // What has an answer keeps it; what is no input, or has failed, asks for none.
  const asks = due && stage !== 'python' && !(stage === 'previous' && model === 'ready');
  return { ...state, model, trouble: model === 'error' ? `${status.message} ${status.hint}` : '', stage: asks ? withoutAnswer(model) : stage };
}
