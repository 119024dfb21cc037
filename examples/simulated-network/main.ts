/** Prints the bug that the search finds. The same code runs in a browser: nothing in it is Node's. */
import { findTheBug } from './find-a-bug.js';

for (const text of await findTheBug()) console.log(text);
