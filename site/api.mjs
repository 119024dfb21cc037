/** Makes the API reference from the doc comments of the packages, as Markdown for VitePress. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';

/** @returns whether TypeDoc wrote it without an error */
export async function writeApi(root, pages, out) {
  const packages = readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'typedoc.json')))
    .map((name) => join(root, 'packages', name));
  const app = await Application.bootstrapWithPlugins({
    name: 'API reference',
    entryPointStrategy: 'packages',
    entryPoints: packages,
    plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
    docsRoot: pages,
    out,
    cleanOutputDir: true,
    readme: 'none',
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
      // A backend exports core's names again: they are documented once, with core.
      excludeExternals: true,
      externalPattern: ['**/core/dist/**', '**/node_modules/**'],
    },
  });
  const project = await app.convert();
  if (project === undefined) return false;
  await app.generateOutputs(project);
  return !app.logger.hasErrors();
}
