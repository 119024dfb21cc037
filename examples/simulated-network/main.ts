/** Run it with `node --import tsx examples/simulated-network/main.ts`, or in a browser: see browser.html. */
import { findTheBug } from './find-a-bug.js';

for (const text of await findTheBug()) console.log(text);
