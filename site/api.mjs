/** Makes the API reference from the doc comments of the packages, as Markdown for VitePress. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';

/**
 * Every method has headings of its own, such as "Returns". The search would list each of them, so they become bold text. The
 * class that a member comes from is of no use to a reader.
 */
const withoutSmallHeadings = (text) =>
  text.replace(/^#{4,} Inherited from\n\n.*\n\n?/gm, '').replace(/^#{4,} (.*)$/gm, '**$1**');

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
  for (const name of readdirSync(out, { recursive: true }).map(String)) {
    if (!name.endsWith('.md')) continue;
    const file = join(out, name);
    writeFileSync(file, withoutSmallHeadings(readFileSync(file, 'utf8')));
  }
  return !app.logger.hasErrors();
}
