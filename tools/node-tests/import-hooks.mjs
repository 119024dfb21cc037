/** Does for `import` what preload.cjs does for `require`. Node calls these hooks synchronously or asynchronously. */
const given = {};

export function initialize(data) {
  Object.assign(given, data);
}

export function resolve(specifier, context, next) {
  const name = specifier.replace(/^node:/, '');
  const ours = /\/packages\/|^sock-node-tests:/.test(context.parentURL ?? '');
  if ((name !== 'net' && name !== 'dgram') || ours) return next(specifier, context);
  if (given.how !== 'drop-in') return { url: `sock-node-tests:${name}`, shortCircuit: true };
  return next(`@sock/std/${name}`, { ...context, parentURL: import.meta.url });
}

export function load(url, context, next) {
  if (!url.startsWith('sock-node-tests:')) return next(url, context);
  const name = url.slice('sock-node-tests:'.length);
  const created = name === 'net' ? 'connect, createConnection, createServer' : 'createSocket';
  const source = `
    import { createRequire } from 'node:module';
    const { ${name} } = createRequire(${JSON.stringify(given.preload)})(${JSON.stringify(given.preload)});
    export * from 'node:${name}';
    export const { ${created} } = ${name};
    export default ${name};`;
  return { format: 'module', source, shortCircuit: true };
}
