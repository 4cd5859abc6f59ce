// What is changed in the sources of TensorFlow.js, each for its reason. A source that no longer
// has what is to be changed is an error: with a new TensorFlow.js every row has to be looked at.

// Where memory cannot grow malloc returns 0, and TF.js writes its tensors there, over whatever the
// kernels need: that mostly ends in an access out of bounds, later.
const OUT_OF_MEMORY = [
  ['if(requestedSize>maxHeapSize){return false}', 'if(requestedSize>maxHeapSize){throw new Error("out of memory")}'],
  ['if(replacement){return true}}return false}', 'if(replacement){return true}}throw new Error("out of memory")}'],
];

/** File -> [what stands there, what takes its place]. */
const REPAIRS = {
  // Ops are run by templates/runtime/engine/execute.js; that the asynchronous way is taken for it is no
  // mistake to warn of.
  'tfjs-converter/dist/executor/graph_executor.js': [
    ["from '../operations/operation_executor'", "from 'templates/runtime/engine/execute.js'"],
    ['if (dynamicNode == null && !isFunctionExecution)', 'if (false)'],
  ],
  // The wasm module is always given its bytes by the engine's reader: nothing in it depends on
  // Node or the browser.
  'tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js': [
    [/ENVIRONMENT_IS_NODE=typeof process=="object"[^;]*;/, 'ENVIRONMENT_IS_NODE=false;'],
    ['var ENVIRONMENT_IS_WORKER=typeof importScripts=="function";', 'var ENVIRONMENT_IS_WORKER=true;'],
    [/self\.location\.href/g, '"./"'],
    ...OUT_OF_MEMORY,
  ],
  // So is the one with threads, of which there are as many as the engine wants.
  'tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js': [
    [/ENVIRONMENT_IS_NODE=typeof process=="object"[^;]*?;/, 'ENVIRONMENT_IS_NODE=false;'],
    [/ENVIRONMENT_IS_WORKER=typeof importScripts=="function";/, 'ENVIRONMENT_IS_WORKER=true;'],
    [/self\.location\.href/g, '"./"'],
    ['pthreadPoolSize=8;', 'pthreadPoolSize=Module["threads"];'],
    // It never takes more than half of the logical cores, whatever it is told: one of two.
    [/(?<=function _emscripten_num_logical_cores\(\)\{)[^}]*/, 'return 2*Module["threads"]'],
    ...OUT_OF_MEMORY,
  ],
  // A thread's script has the module in it already (bundle.mjs), and no policy has to allow blobs.
  'tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js': [
    [/if\(typeof e\.data\.urlOrBlob=="string"\)\{.*?\}else\{.*?\}WasmBackendModule/, 'WasmBackendModule'],
    [/if\(ENVIRONMENT_IS_NODE\)\{var nodeWorkerThreads.*?\}\}\)\}/, ''],
  ],
  // It is compiled by the engine, which gets an error where TF.js would wait for ever.
  'tfjs-backend-wasm/dist/backend_wasm.js': [
    [
      /if \(customFetch\) \{\s*factoryConfig\.instantiateWasm =[^;]*;/,
      `{
            factoryConfig.instantiateWasm = (imports, callback) => {
                WebAssembly.instantiate(wasm.module, imports).then((instance) => callback(instance, wasm.module), reject);
                return {};
            };`,
    ],
    [/if \(path\.endsWith\('\.worker\.js'\)\) \{[\s\S]*?createObjectURL\(blob\);\s*\}/, "if (path.endsWith('.worker.js')) return wasm.threadScript;"],
    [/factoryConfig\.mainScriptUrlOrBlob = new Blob\([^;]*;/, 'factoryConfig.threads = threadsCount;'],
    ['let wasm;', 'let started;'],
    [/\bwasm = wasmFactory/g, 'started = wasmFactory'],
    ['wasm.then((module)', 'started.then((module)'],
    [/^/, "import { wasm } from 'templates/runtime/engine/wasm.js';\n"],
  ],
  // Of nothing, the first element is taken for the result.
  'tfjs-backend-cpu/dist/kernels/Max_impl.js': [['let max = aVals[offset];', "let max = reduceSize ? aVals[offset] : dtype === 'int32' ? -(2 ** 31) : -Infinity;"]],
  'tfjs-backend-cpu/dist/kernels/Min.js': [['let min = aVals[offset];', "let min = reduceSize ? aVals[offset] : x.dtype === 'int32' ? 2 ** 31 - 1 : Infinity;"]],
  'tfjs-backend-cpu/dist/kernels/All.js': [['let all = aVals[offset];', 'let all = reduceSize ? aVals[offset] : 1;']],
  // What is gathered of nothing was answered in the shape in which the kernel works.
  'tfjs-backend-wasm/dist/kernels/GatherV2.js': [
    [/if \(util\.sizeFromShape\(x\.shape\) === 0\) \{\s*return out;/, 'if (util.sizeFromShape(x.shape) === 0) {\n        out.shape = shapeInfo.outputShape;\n        return out;'],
  ],
  // The shader takes floats only: integers were refused, as floats they would be rounded. What
  // was cast from integers to floats still lies there as integers.
  'tfjs-backend-webgpu/dist/transpose_webgpu.js': [
    [
      /setOutputAtIndex\(flatIndex, (A\[getIndexFromCoords[^;]*?uniforms\.aShape\)\])\);/,
      "${this.integers ? 'setOutputAtIndexI32(flatIndex, i32(' : 'setOutputAtIndex(flatIndex, f32('}$1));",
    ],
  ],
  // So does the faster shader for matrices.
  'tfjs-backend-webgpu/dist/kernels/Transpose.js': [
    ['if (x.shape.length === 2 &&', "if (x.shape.length === 2 && x.dtype === 'float32' &&"],
    ['const program = new TransposeProgram(x.shape, perm);', "const program = new TransposeProgram(x.shape, perm);\n    program.integers = x.dtype !== 'float32';"],
  ],
  // What the logarithm of 0 is, is left to the graphics card; some say -88.
  'tfjs-backend-webgpu/dist/unary_op_util.js': [['return uniforms.NAN; }\n  return log(a);', 'return uniforms.NAN; }\n  if (a == 0.0) { return -uniforms.INFINITY; }\n  return log(a);']],
  'tfjs-backend-webgl/dist/kernels/Log.js': [
    ['0./0. : log(x)', '0./0. : x == 0.0 ? -1.0 / abs(x) : log(x)'],
    [/0\.\/0\. : (result\.([rgba]))/g, '0./0. : x.$2 == 0.0 ? -1.0 / abs(x.$2) : $1'],
  ],
  // A negative number times 0 is -0, and 1 / -0 the wrong infinity.
  'tfjs-backend-webgl/dist/kernels/Relu.js': [['x * vec4(greaterThanEqual(x, vec4(0.0)))', 'max(x, vec4(0.0))']],
  'tfjs-backend-webgl/dist/unaryop_packed_gpu.js': [['x * vec4(greaterThanEqual(x, vec4(0.0)))', 'max(x, vec4(0.0))']],
  // Of an odd row's last pair the second element is not there: what lies in its place is not
  // always 0 (after Equal it is 1).
  'tfjs-backend-webgl/dist/mulmat_packed_gpu.js': [
    ['result += (${aSwizzle[1]}', "${sharedDim % 2 ? `if (i < ${sharedDimensionPacked - 1}) ` : ''}result += (${aSwizzle[1]}"],
  ],
  // Masks are about -1e38: their largest value is less than -1e20.
  'tfjs-backend-webgl/dist/reduce_gpu.js': [
    ["'1.0 / 1e-20'", "'3.4028234e38'"],
    ["'-1.0 / 1e-20'", "'-3.4028234e38'"],
  ],
};

/** The source of a file below node_modules/@tensorflow/ with what is to be changed in it. */
export function repair(file, source) {
  const name = Object.keys(REPAIRS).find((end) => file.endsWith(`/${end}`));
  for (const [old, instead] of REPAIRS[name] ?? []) {
    const changed = source.replace(old, typeof old === 'string' ? () => instead : instead);
    if (changed === source) throw new Error(`${name} has changed: it no longer has ${old}`);
    source = changed;
  }
  return source;
}
