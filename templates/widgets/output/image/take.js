export { png } from '../../../runtime/page/taken/picture.js';
