import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.js';

/** A new empty folder. It is removed when the case ends. */
export function temporaryFolder(t: Context): string {
  const folder = mkdtempSync(join(tmpdir(), 'sock-'));
  t.finally(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
