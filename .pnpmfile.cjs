/**
 * What pnpm writes into published manifests, and the checked-in ones lack.
 *
 * @sock/native: its platform packages. In a clone pnpm would look for them in the registry, and there the build makes
 * them. @sock/std: the range of its peer @sock/native. Changesets takes a peer that leaves its range for a breaking
 * change, so the checked-in range is wide, or each minor release before 1.0 would be 1.0.
 */
const targets = require('./tools/platforms/targets.json');

module.exports = {
  hooks: {
    beforePacking(manifest) {
      if (manifest.name === '@sock/std') {
        // All packages have one version.
        const peerDependencies = { '@sock/native': `^${manifest.version}` };
        return { ...manifest, peerDependencies };
      }
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
