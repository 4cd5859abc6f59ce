// What is asked for, read once from standard input, and the packages that answer it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const request = JSON.parse(readFileSync(0, 'utf8'));
const require = createRequire(pathToFileURL(join(request.packages, 'package.json')));
// esbuild's own program ends within seconds: a fifth of them went into clearing its memory.
process.env.GOGC ??= '400';
export const esbuild = require('esbuild');
export const acorn = require('acorn');
export const TENSORFLOW = join(request.packages, 'node_modules', '@tensorflow');
export const CORE = join(TENSORFLOW, 'tfjs-core', 'dist');
