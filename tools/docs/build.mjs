/**
 * Makes the API reference, docs/api, from the packages' doc comments: `npm run docs`. It is committed,
 * and checked fresh by tools/check-generated.mjs.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = readdirSync(join(root, 'packages'))
  .filter((name) => existsSync(join(root, 'packages', name, 'typedoc.json')))
  .map((name) => join(root, 'packages', name));

const app = await Application.bootstrapWithPlugins({
  name: '@sock',
  entryPointStrategy: 'packages',
  entryPoints: packages,
  plugin: ['typedoc-plugin-markdown'],
  out: join(root, 'docs/api'),
  cleanOutputDir: true,
  readme: 'none',
  // Where a thing stands in a source file changes with every edit; the reference should not.
  disableSources: true,
  githubPages: false,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  enumMembersFormat: 'table',
  packageOptions: {
    readme: 'none',
    disableSources: true,
    tsconfig: 'tsconfig.json',
    excludePrivate: true,
    excludeInternal: true,
    // What a backend exports again stands once, with core.
    excludeExternals: true,
    externalPattern: ['**/core/dist/**', '**/node_modules/**'],
  },
});
const project = await app.convert();
if (project === undefined) process.exit(1);
await app.generateOutputs(project);
if (app.logger.hasErrors()) process.exit(1);
