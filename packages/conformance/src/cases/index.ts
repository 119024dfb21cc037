/** Every case of the contract that needs nothing but a JavaScript engine, by subject. */
import type { Case } from '../case.js';
import { connect } from './connect.js';
import { lifecycle } from './lifecycle.js';

export const cases: readonly Case[] = [...lifecycle, ...connect];
