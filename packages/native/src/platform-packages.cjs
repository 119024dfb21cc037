/* Made by `npm run generate` from tools/platforms/targets.json. */

/**
 * The platforms that have a package of a binary.
 * @type {readonly string[]}
 */
const platforms = [
  'linux-x64-gnu',
  'linux-arm64-gnu',
  'linux-arm-gnu',
  'linux-x64-musl',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
  'win32-arm64',
];

/**
 * Requires the package of a platform. Each name is a constant, and this is no ES module, so that bundlers find the
 * file. The `try` tells them that the package may be missing.
 * @param {string} platform
 * @returns {{ addon?: unknown, error?: unknown }} the addon, or the error of `require`; nothing when the platform has
 *   no package
 */
function requirePackage(platform) {
  try {
    switch (platform) {
      case 'linux-x64-gnu':
        return { addon: require('@sock/native-linux-x64-gnu') };
      case 'linux-arm64-gnu':
        return { addon: require('@sock/native-linux-arm64-gnu') };
      case 'linux-arm-gnu':
        return { addon: require('@sock/native-linux-arm-gnu') };
      case 'linux-x64-musl':
        return { addon: require('@sock/native-linux-x64-musl') };
      case 'linux-arm64-musl':
        return { addon: require('@sock/native-linux-arm64-musl') };
      case 'darwin-x64':
        return { addon: require('@sock/native-darwin-x64') };
      case 'darwin-arm64':
        return { addon: require('@sock/native-darwin-arm64') };
      case 'win32-x64':
        return { addon: require('@sock/native-win32-x64') };
      case 'win32-arm64':
        return { addon: require('@sock/native-win32-arm64') };
      default:
        return {};
    }
  } catch (error) {
    return { error };
  }
}

module.exports = { platforms, requirePackage };
