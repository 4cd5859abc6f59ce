/**
 * Types of what a demo gives to scripts: `window.tfjsDemo` on its own page, and the element
 * `<tfjs-demo>` that embed.js defines on others.
 *
 *     import type {} from './tfjs-demo';
 *     const { digit } = await window.tfjsDemo.predict({ drawing: { data: pixels, shape: [1, 28, 28, 3] } });
 */

/** Of a tensor's elements, in row-major order. */
export type TensorData = Int32Array | Float32Array | Uint8Array | string[];

/** Lists in lists, one level for each dimension. */
export type Nested = number | boolean | string | readonly Nested[];

/** One input, its batch dimension included; int64 as int32. */
export type Input = Nested | TensorData | { data: TensorData | readonly (number | boolean | string)[]; shape: readonly number[] };

/** By the names of the signature. */
export type Inputs = Record<string, Input>;

/** An answer of the model. */
export interface Tensor {
  data: ArrayLike<number | string | boolean>;
  shape: number[];
  dtype: string;
}

/** Batch first; null is a free dimension. */
export type Shape = (number | null)[];

export interface TensorSpec {
  dtype: string;
  shape: Shape;
}

export interface Signature {
  inputs: Record<string, TensorSpec>;
  outputs: Record<string, TensorSpec>;
}

/** Milliseconds. */
export interface Timings {
  /** From the page's begin until the model answered for the first time. */
  ready?: number;
  /** Of the first answer, which takes longer. */
  warmup?: number;
  /** Of the last 1000 answers. */
  predictions: number[];
}

/** What can be asked. */
export interface Model {
  /** Resolves when the model answers; rejects when it cannot. */
  readonly ready: Promise<void>;
  /** Runs the model; calls queue and draw nothing. */
  predict(inputs: Inputs): Promise<Record<string, Tensor>>;
}

/** `window.tfjsDemo`. */
export interface TfjsDemo extends Model {
  /** Known once `ready`. */
  readonly signature?: Signature | undefined;
  /** What computes: cpu, wasm, webgl or webgpu; none while it starts. */
  readonly backend: string | undefined;
  /** How many threads compute: more than one only for wasm in an isolated page. */
  readonly threads: number;
  readonly timings: Readonly<Timings>;
  /** What TensorFlow.js holds. */
  memory(): Promise<{ tensors: number; bytes: number }>;
}

/**
 * What `templates/page.js` of a demo may export, each if it likes. It gets copies: what it does to
 * them changes neither what enters the model nor what is shown.
 */
export interface PageScript {
  /** Once, when the model answers. */
  ready?(demo: TfjsDemo): void | Promise<void>;
  /** Before the page asks the model; a text refuses the input, and is shown to the visitor. */
  beforePredict?(inputs: Record<string, { data: TensorData; shape: number[] }>): string | void | Promise<string | void>;
  /** When the page shows an answer, with what it is the answer to. */
  afterPredict?(answers: Record<string, Tensor>, inputs: Record<string, { data: TensorData; shape: number[] }>): void | Promise<void>;
}

/** `<tfjs-demo src="…" title="…" backend="…" height="…">`. */
export interface TfjsDemoElement extends HTMLElement, Model {}

declare global {
  interface Window {
    tfjsDemo: TfjsDemo;
  }
  interface HTMLElementTagNameMap {
    'tfjs-demo': TfjsDemoElement;
  }
}
