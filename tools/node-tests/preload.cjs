/**
 * Replaces the built-in net and dgram by `@sock/std/net` and `@sock/std/dgram`, for `require` and `import`.
 * SOCK_NODE_TESTS says how: `drop-in` does just that; `options` also gives every creating call a socket
 * option that changes nothing, so that @sock creates the socket; `rinfo` asks every dgram.Socket for more of each
 * datagram, so that a Socket of @sock is below node's class; `plain` replaces nothing.
 */
'use strict';
const Module = require('node:module');
const { extname } = require('node:path');
const { pathToFileURL } = require('node:url');

// An option that streams and datagrams have.
const SOCK = { priority: 0 };
const RINFO = ['localAddress', 'interface', 'ecn', 'ttl', 'timestamp'];
const how = process.env.SOCK_NODE_TESTS;

/** A copy of a module's object with some functions replaced. */
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
    // Node's error for a call without an address depends on the original arguments.
    const [options, listener] = net._normalizeArgs(values);
    const kept = Object.assign(Object.create(Object.getPrototypeOf(options)), options);
    kept.sock = SOCK;
    return net.connect(kept, listener ?? undefined);
  }
  return replaced(net, { createServer, connect, createConnection: connect });
}

function dgramWith(options, dgram) {
  function createSocket(type, listener) {
    if (isOptions(type)) return dgram.createSocket({ ...type, ...options }, listener);
    return typeof type === 'string'
      ? dgram.createSocket({ type, ...options }, listener)
      : dgram.createSocket(type, listener);
  }
  return replaced(dgram, { createSocket });
}

if (how === 'drop-in' || how === 'options' || how === 'rinfo') {
  const net = require('@sock/std/net');
  const dgram = require('@sock/std/dgram');
  const modules = {
    'drop-in': () => ({ net, dgram }),
    options: () => ({ net: netWithOptions(net), dgram: dgramWith({ sock: SOCK }, dgram) }),
    rinfo: () => ({ net, dgram: dgramWith({ rinfo: RINFO }, dgram) }),
  }[how]();
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
