// What users write against templates/public/tfjs-demo.d.ts; only tests.lint's compiler reads it.
import type { Signature, Tensor, TfjsDemo } from '../../templates/public/tfjs-demo.js';

export async function askThePage(pixels: Int32Array): Promise<number[]> {
  const demo: TfjsDemo = window.tfjsDemo;
  await demo.ready;
  const { digit } = await demo.predict({ drawing: { data: pixels, shape: [1, 28, 28, 3] } });
  await demo.predict({ alcohol: [[12.5, 1]], grape: [['Barolo']], plain: new Float32Array(4) });
  const first: string | number | boolean | undefined = digit.data[0];
  const signature: Signature | undefined = demo.signature;
  const rank: number | undefined = signature?.inputs.drawing.shape.length;
  const { bytes } = await demo.memory();
  return [Number(first), rank ?? 0, bytes, demo.timings.predictions.length, demo.timings.ready ?? 0];
}

export async function askAnElement(): Promise<Tensor> {
  const element = document.createElement('tfjs-demo');
  element.title = 'A demo';
  await element.ready;
  return (await element.predict({ image: [[1, 2], [3, 4]] })).label;
}

// @ts-expect-error: the page has one demo, which nobody replaces by something else
window.tfjsDemo = {};
// @ts-expect-error: an input is a tensor
void window.tfjsDemo.predict({ image: { data: new Date(), shape: [1] } });
// @ts-expect-error: inputs have names
void window.tfjsDemo.predict([1, 2]);
// @ts-expect-error: an element says nothing of timings
void document.createElement('tfjs-demo').timings;
