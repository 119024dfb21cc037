/**
 * Checks the packages as their users get them: packs each package that gets published, checks its metadata, its
 * files, its manifest with publint and its types with are-the-types-wrong and two versions of TypeScript. Then
 * installs those that need no addon into an empty folder, and runs a program there.
 *
 *   node tools/check-packages.mjs
 *
 * `npm run release:dry` does more: it publishes them, and installs them on every runtime.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAndCheck } from './release/checks.mjs';
import { endWithThisProcess } from './release/command.mjs';
import { tarballName } from './release/tarballs.mjs';
import { checkWithoutAddon, names } from './release/without-addon.mjs';
import { Tally } from './tally.mjs';

const work = mkdtempSync(join(tmpdir(), 'sock-packages-'));
endWithThisProcess(() => rmSync(work, { recursive: true, force: true }));
const tally = new Tally();
await packAndCheck(tally, work, work);

const packed = names.map((name) => join(work, tarballName(name)));
await checkWithoutAddon(tally, join(work, 'installed'), packed);
tally.finish();
