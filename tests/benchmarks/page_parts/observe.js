/** Runs before the scripts of a page, ours or the peer's, and notes when what is seen there. */
{
  const LONGEST = 300_000;
  const seen = { examples: null, answered: null, tasks: [] };

  /** Our page shows Python's answer for the first example until somebody asks the model. */
  function ask() {
    if (!seen.answered) document.querySelector('[data-example]')?.click();
  }

  const answered = new Promise((resolve, reject) => {
    new MutationObserver(() => {
      seen.examples ??= document.querySelector('.example-answer') && performance.now();
      seen.answered ??= document.querySelector('#answer[data-origin=device]') && performance.now();
      if (seen.answered) resolve();
    }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-origin'] });
    document.addEventListener('DOMContentLoaded', () => window.tfjsDemo?.ready.then(ask, reject));
    setTimeout(() => reject(new Error('there was no answer for five minutes')), LONGEST);
  });
  new PerformanceObserver((list) => {
    seen.tasks.push(...list.getEntries().map((entry) => entry.duration));
  }).observe({ type: 'longtask', buffered: true });

  /** When the answers of the examples were painted: with the first paint, or parsed after it. */
  function examplesPainted() {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return seen.examples && paint ? Math.max(seen.examples, paint.startTime) : null;
  }

  /** An input of every kind that our model takes, free sides of a picture `side` long. */
  function inputs(side) {
    const arrays = { int32: Int32Array, float32: Float32Array, bool: Uint8Array };
    const entries = Object.entries(tfjsDemo.signature.inputs).map(([name, { dtype, shape }]) => {
      const whole = shape.map((length, axis) => length ?? (axis ? side : 1));
      const size = whole.reduce((product, length) => product * length, 1);
      return [name, { data: new arrays[dtype](size).fill(1), shape: whole }];
    });
    return Object.fromEntries(entries);
  }

  /** Predictions one after the other, with our page's engine or the peer's function. */
  async function predict(count, side) {
    if (!window.tfjsDemo) for (let index = 0; index < count; index += 1) await window.predict();
    else {
      const values = inputs(side);
      for (let index = 0; index < count; index += 1) await tfjsDemo.predict(values);
    }
  }

  /** How many tensors our page counts, where it tells. */
  async function tensors() {
    const { memory } = tfjsDemo;
    const told = await (typeof memory === 'function' ? memory.call(tfjsDemo) : memory);
    return told?.numTensors ?? told?.tensors ?? null;
  }

  window.benchmark = { seen, answered, examplesPainted, predict, tensors };
}
