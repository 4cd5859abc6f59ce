/**
 * The data that the page, its widgets and the client hand to each other.
 *
 * @typedef {Int32Array | Float32Array | Uint8Array | string[]} TensorData
 * @typedef {{data: TensorData, shape: number[]}} TensorValue What a prediction is fed with.
 * @typedef {{data: ArrayLike<number | string | boolean>, shape: number[], dtype: string, picture?: string, sound?: string, peaks?: number[], flaw?: Flaw}} Tensor
 *   An answer that the build made a file of has the URL of its picture or sound and no data; a sound its waveform
 *   and why it is not heard as it is.
 * @typedef {'' | 'loud' | 'numberless' | 'empty'} Flaw
 * @typedef {(number | null)[]} Shape Batch first; null is a free dimension.
 *
 * The JSON that the build writes into the page:
 *
 * @typedef {{id: string, name: string, label: string, widget: string, options: any}} Field
 * @typedef {{name: string, dtype: string, shape: Shape, label: string, fields: Field[], after?: string}} Input
 *   `after` is the output whose last answer goes in, where there is no widget.
 * @typedef {{id: string, name: string, dtype: string, shape: Shape, label: string, widget: string, options: any, columns: string[]}} Output
 * @typedef {{title: string, states: Record<string, any>, answers: Record<string, Tensor>}} Example
 * @typedef {{title: string, inputs: Input[], outputs: Output[], examples: Example[]}} Demo
 *
 * What the build writes into the script in the page's head, and what that script hands on:
 *
 * @typedef {{url: string, bytes: number, sent: number}} FileEntry Hosts compress some files: fewer bytes are sent than come out.
 * @typedef {{shape: number[], values: (number | string | boolean)[]}} Repeated A tensor that repeats values.
 * @typedef {'plain' | 'simd' | 'threads'} Variant Of the wasm binary.
 * @typedef {{
 *   model: string,
 *   workers: Record<string, string>,
 *   files: Record<string, FileEntry>,
 *   wasm: Partial<Record<Variant, FileEntry>>,
 *   besides: number,
 *   golden: string,
 *   backends: string[],
 *   reason: string,
 *   threads: string | null,
 *   first: Record<string, Repeated>,
 * }} EngineOptions The model by its content; workers by backend; files by the engine's names; the script of wasm's threads;
 *   the bytes of what else is sent before the model answers, besides its files;
 *   what is computed first, before anybody did anything.
 * @typedef {{response: Promise<Response>, aborter: AbortController}} Download
 * @typedef {{
 *   options: EngineOptions,
 *   backend: string,
 *   forced: boolean,
 *   remembered: boolean,
 *   single: Variant,
 *   variant: Variant,
 *   threads: number,
 *   mostThreads: number,
 *   downloads: Record<string, Download>,
 *   worker?: Worker,
 *   failed?: boolean,
 * }} Early `single` is the variant of wasm for one thread; `variant` and `threads` are what it begins with, `mostThreads` is what it can have.
 *
 * Widgets. `restore` announces nothing; where it returns a promise, `value` is
 * usable once that is fulfilled. `clear` empties what else would get the state that it began with, and
 * announces nothing either. `show` returns its answer in a few words; one that is over an input gets the
 * value that the answer belongs to, and all are told whether it is the answer to the same input again. `first` is the answer that the server has rendered.
 *
 * @typedef {{value(): number | string | TensorValue, save(): any, restore(state: any): void | Promise<void>, clear?(): void}} InputWidget
 * @typedef {{show(tensor: Tensor, over?: TensorValue, isAgain?: boolean): string}} OutputWidget
 * @typedef {(url: string, shape: number[]) => Promise<Int32Array>} ReadPicture The pixels of a picture of the site.
 * @typedef {(url: string) => Promise<Float32Array>} ReadSound The samples of a sound of the site.
 * @typedef {{readPicture?: ReadPicture, readSound?: ReadSound}} Readers
 * @typedef {{mount(root: HTMLElement, options: any): InputWidget} & Readers} InputModule
 * @typedef {{mount(root: HTMLElement, options: any, first?: Tensor): OutputWidget, take?: () => Promise<Taken>}} OutputModule
 *
 * How an answer is taken away, each by its form: as the text that is copied, or as a file.
 *
 * @typedef {'text' | 'png' | 'mask' | 'wav' | 'csv' | 'json'} Form
 * @typedef {Partial<Record<Form, (tensor: Tensor, output: Output, widget: any) => Content | Promise<Content>>>} Taken
 * @typedef {string | Uint8Array | Blob} Content
 *
 * @typedef {{input: Record<string, InputModule>, output: Record<string, OutputModule>}} Widgets
 *
 * The client (client.js), which runs the engine in a worker:
 *
 * @typedef {{dtype: string, shape: Shape}} Spec
 * @typedef {{inputs: Record<string, Spec>, outputs: Record<string, Spec>}} Signature
 * @typedef {{status: 'starting'}
 *   | {status: 'download', loaded: number, total: number}
 *   | {status: 'warmup', backend: string}
 *   | {status: 'ready', backend: string, warmup: number, threads: number, reason: string, trouble: string}
 *   | {status: 'fallback', backend: string, reason: string}
 *   | {status: 'error', message: string, hint: string, detail: string, canRetry: boolean}} EngineStatus
 */
export {};
