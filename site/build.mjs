/**
 * Builds the documentation site into site/dist: `npm run site`. Dead links fail the build.
 *
 *   node site/build.mjs [--dev]
 *
 * `--dev` serves it and shows changes of docs/ and examples/ at once. SITE_BASE is the path that it is served under, `/` if
 * it is not set.
 */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, createServer } from 'vitepress';
import { writeApi } from './api.mjs';
import { deadLinks } from './check-links.mjs';
import { writePages } from './pages.mjs';

const site = fileURLToPath(new URL('.', import.meta.url));
const root = join(site, '..');
const pages = join(site, '.pages');

writePages(root, pages);
if (!(await writeApi(root, pages, join(pages, 'api')))) {
  console.error('site: TypeDoc failed');
  process.exit(1);
}

if (process.argv.includes('--dev')) {
  const server = await createServer(site);
  await server.listen();
  server.printUrls();
  let due;
  for (const folder of ['docs', 'examples', 'site/pages']) {
    watch(join(root, folder), { recursive: true }, () => {
      clearTimeout(due);
      due = setTimeout(() => writePages(root, pages), 200);
    });
  }
} else {
  await build(site);
  const { dead, pages: count } = deadLinks(join(site, 'dist'), process.env.SITE_BASE ?? '/');
  for (const link of dead) console.error(`dead link: ${link}`);
  console.log(`site: ${count} pages, ${dead.length} dead links`);
  if (dead.length > 0) process.exit(1);
}
