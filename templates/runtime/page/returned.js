/** @import {Demo, Repeated, Tensor, TensorValue} from './types.js' */
import { pack } from './widget.js';

/** The inputs that are the model's last answers: none is a widget's. */
export class Returned {
  /** @type {Record<string, TensorValue>} By input. */
  values = {};

  /** @param {Demo} demo @param {Record<string, Repeated>} first what each input is before there is an answer */
  constructor({ inputs }, first) {
    this.inputs = inputs.filter(({ after }) => after);
    this.first = first;
    this.reset();
  }

  /** Nothing was answered yet: another example, another beginning. */
  reset() {
    this.values = Object.fromEntries(
      this.inputs.map(({ name, dtype }) => {
        const { shape, values } = this.first[name];
        const size = shape.reduce((product, length) => product * length, 1);
        const repeated = Array.from({ length: size }, (_, index) => values[index % values.length]);
        return [name, /** @type {TensorValue} */ ({ data: pack(dtype, repeated), shape })];
      }),
    );
  }

  /** @param {Record<string, Tensor>} answers */
  keep(answers) {
    for (const { name, dtype, after } of this.inputs) {
      const { data, shape } = answers[/** @type {string} */ (after)];
      this.values[name] = { data: pack(dtype, Array.from(data)), shape };
    }
  }
}
