/** Has a program that imports `@sock/native` run on `@sock/wasi`: `node --import ./examples/smoke/on-wasi.mjs ...`. */
import { register } from 'node:module';

const hooks = `export const resolve = (name, context, next) =>
  next(name === '@sock/native' ? '@sock/wasi' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
