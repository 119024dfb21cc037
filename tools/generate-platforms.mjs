/**
 * Writes the requires of the platform packages, from tools/platforms/targets.json.
 *
 *   node tools/generate-platforms.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const targets = JSON.parse(readFileSync(join(root, 'tools/platforms/targets.json'), 'utf8'));
const names = targets.filter(({ extra }) => extra !== true).map(({ name }) => name);

writeFileSync(
  join(root, 'packages/native/src/platform-packages.cjs'),
  `/* Made by \`npm run generate\` from tools/platforms/targets.json. */

/**
 * The platforms that have a package of a binary.
 * @type {readonly string[]}
 */
const platforms = [
${names.map((name) => `  '${name}',`).join('\n')}
];

/**
 * Requires the package of a platform. Each name is a constant, and this is no ES module, so that bundlers find the
 * file. The \`try\` tells them that the package may be missing.
 * @param {string} platform
 * @returns {{ addon?: unknown, error?: unknown }} the addon, or the error of \`require\`; nothing when the platform has
 *   no package
 */
function requirePackage(platform) {
  try {
    switch (platform) {
${names
  .map(
    (name) => `      case '${name}':\n        return { addon: require('@sock/native-${name}') };`,
  )
  .join('\n')}
      default:
        return {};
    }
  } catch (error) {
    return { error };
  }
}

module.exports = { platforms, requirePackage };
`,
);
