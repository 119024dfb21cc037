/**
 * The drop-in module of node:dgram as `require` gives it too: Node takes the export with the name 'module.exports'.
 * A module of its own: the declarations of this one need TypeScript 5.6, those of ./dgram.js need 5.2.
 */
import module from './dgram.js';

export * from './dgram.js';
export { module as 'module.exports', module as default };
