import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const compiler = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

/** What the TypeScript compiler says of a module; `''` if it says nothing. */
export function typeErrors(source: string): string {
  const folder = mkdtempSync(join(import.meta.dirname, 'types-'));
  try {
    const file = join(folder, 'case.ts');
    writeFileSync(file, source);
    execFileSync(
      process.execPath,
      [
        compiler,
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--types',
        'node',
        file,
      ],
      { encoding: 'utf8' },
    );
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
