/**
 * What pnpm writes into the published package.json of @sock/native, and the checked-in one lacks: its platform
 * packages. In a clone pnpm would look for them in the registry, and there the build makes them.
 */
const targets = require('./tools/platforms/targets.json');

module.exports = {
  hooks: {
    beforePacking(manifest) {
      if (manifest.name !== '@sock/native') return manifest;
      const names = targets
        .filter(({ extra }) => extra !== true)
        .map(({ name }) => `${manifest.name}-${name}`);
      // Exactly this version: the two halves of a driver fit each other and nothing else.
      const optionalDependencies = Object.fromEntries(
        names.map((name) => [name, manifest.version]),
      );
      return { ...manifest, optionalDependencies };
    },
  },
};
