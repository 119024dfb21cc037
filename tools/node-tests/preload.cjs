/**
 * Puts `@sock/std/net` and `@sock/std/dgram` in the place of the built-ins, for `require` and `import`.
 * SOCK_NODE_TESTS says how: `plain` leaves all as it is; with `options` every creating call also gets an
 * option that changes nothing, so that it takes the path of the sockets that are made by us.
 */
'use strict';
const Module = require('node:module');
const { extname } = require('node:path');
const { pathToFileURL } = require('node:url');

const SOCK = { keepalive: false };
const how = process.env.SOCK_NODE_TESTS;

/** A copy of a module's object with other functions in it. */
const replaced = (module, functions) =>
  Object.defineProperties(Object.defineProperties({}, Object.getOwnPropertyDescriptors(module)), {
    ...Object.fromEntries(
      Object.entries(functions).map(([name, value]) => [
        name,
        { value, configurable: true, enumerable: true, writable: true },
      ]),
    ),
  });

const isOptions = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function netWithOptions(net) {
  function createServer(options, listener) {
    if (isOptions(options)) return net.createServer({ ...options, sock: SOCK }, listener);
    return typeof options === 'function' || options === undefined
      ? net.createServer({ sock: SOCK }, options ?? listener)
      : net.createServer(options, listener);
  }
  function connect(...values) {
    // No address at all is an error of node's, which it words by what it was given.
    const [options, listener] = net._normalizeArgs(values);
    const kept = Object.assign(Object.create(Object.getPrototypeOf(options)), options);
    kept.sock = SOCK;
    return net.connect(kept, listener ?? undefined);
  }
  return replaced(net, { createServer, connect, createConnection: connect });
}

function dgramWithOptions(dgram) {
  function createSocket(type, listener) {
    if (isOptions(type)) return dgram.createSocket({ ...type, sock: SOCK }, listener);
    return typeof type === 'string'
      ? dgram.createSocket({ type, sock: SOCK }, listener)
      : dgram.createSocket(type, listener);
  }
  return replaced(dgram, { createSocket });
}

if (how === 'drop-in' || how === 'options') {
  const net = require('@sock/std/net');
  const dgram = require('@sock/std/dgram');
  const modules =
    how === 'options'
      ? { net: netWithOptions(net), dgram: dgramWithOptions(dgram) }
      : { net, dgram };
  const load = Module._load;
  Module._load = function (request, ...rest) {
    const name = request.replace(/^node:/, '');
    return Object.hasOwn(modules, name)
      ? modules[name]
      : Reflect.apply(load, this, [request, ...rest]);
  };
  if (extname(process.argv[1] ?? '') === '.mjs') {
    const data = { how, preload: __filename };
    if (Module.registerHooks === undefined) {
      Module.register('./import-hooks.mjs', pathToFileURL(__filename), { data });
    } else {
      const hooks = require('./import-hooks.mjs');
      hooks.initialize(data);
      Module.registerHooks({ resolve: hooks.resolve, load: hooks.load });
    }
  }
  module.exports = modules;
}
