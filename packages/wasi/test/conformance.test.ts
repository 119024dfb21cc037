/** @sock/wasi on Node against the contract. */
import { register } from '@sock/conformance';
import { Socket as Peer } from '@sock/native';
import { MSG, Socket } from '@sock/wasi';
import { afterAll, test } from 'vitest';
import { silentPeer } from './silent-peer.js';

register({ name: 'wasi', Socket, MSG, silentPeer, Peer }, { test, afterAll });
