import { generated } from '../../../runtime/page/generate.js';
import { mount as mountField } from './widget.js';

/** A choice that the button of its group can draw. */
export const mount = generated(mountField);
