import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { groups } from '../options.mjs';
import { packageNames, recipes } from '../pages.mjs';
import { programNames } from '../programs.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const api = JSON.parse(
  readFileSync(new URL('../.pages/api/typedoc-sidebar.json', import.meta.url)),
);

const guide = [
  {
    text: 'Guide',
    items: [
      { text: 'Getting started', link: '/start' },
      { text: 'Coming from net, Deno, Go, tokio', link: '/coming-from' },
      { text: 'Recipes', link: '/recipes' },
      { text: 'Installing', link: '/installing' },
      { text: 'Asynchronous calls', link: '/async' },
      { text: 'Waiting and blocking', link: '/waiting' },
      { text: 'Connecting by name', link: '/connecting' },
      { text: 'Moving sockets', link: '/transfer' },
      { text: 'Without copies', link: '/zero-copy' },
      { text: 'Metrics', link: '/metrics' },
      { text: 'Datagrams at speed', link: '/datagrams' },
      { text: 'Adopting @sock in a codebase', link: '/adopting' },
      { text: 'Every kind of socket', link: '/sockets' },
      { text: 'Backends', link: '/backends' },
      { text: 'WASI', link: '/wasi' },
      { text: 'Comparison', link: '/comparison' },
    ],
  },
  {
    text: 'Project',
    items: [
      { text: 'Contributing', link: '/contributing' },
      { text: 'What an install costs', link: '/install-cost' },
      { text: 'Releasing', link: '/releasing' },
      { text: 'Changes', link: '/changelog' },
    ],
  },
  {
    text: 'Packages',
    items: packageNames(root).map((name) => ({
      text: JSON.parse(readFileSync(`${root}packages/${name}/package.json`, 'utf8')).name,
      link: `/packages/${name}`,
    })),
  },
  {
    text: 'Speed',
    items: [
      { text: 'Benchmarks', link: '/benchmarks' },
      { text: 'Limits', link: '/benchmarks/limits' },
    ],
  },
];
const cookbook = [
  {
    text: 'Recipes',
    link: '/cookbook/',
    items: recipes().map(({ name, title }) => ({ text: title, link: `/cookbook/${name}` })),
  },
  {
    text: 'Programs',
    items: programNames(root).map((name) => ({ text: name, link: `/cookbook/programs/${name}` })),
  },
];
const options = [
  {
    text: 'Options',
    items: [
      { text: 'Matrix', link: '/matrix' },
      ...groups.map(({ group, title }) => ({ text: title, link: `/options/${group}` })),
    ],
  },
];

export default defineConfig({
  title: '@sock',
  description: 'The whole socket for TypeScript: every call, every option, every kind of socket.',
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  srcDir: '.pages',
  outDir: 'dist',
  cleanUrls: true,
  // Nothing of the reader's goes to another host: the font is the system's, and the search runs in the page.
  head: [['meta', { name: 'referrer', content: 'no-referrer' }]],
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        detailedView: true,
        miniSearch: {
          searchOptions: { boost: { title: 6, text: 1, titles: 2 }, fuzzy: 0.1, prefix: true },
        },
      },
    },
    outline: [2, 3],
    nav: [
      {
        text: 'Guide',
        link: '/start',
        activeMatch:
          '^/(start|coming-from|recipes|installing|async|waiting|connecting|adopting|sockets|backends|wasi|packages)',
      },
      { text: 'Cookbook', link: '/cookbook/', activeMatch: '^/cookbook/' },
      { text: 'Options', link: '/matrix', activeMatch: '^/(matrix|options)' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'Benchmarks', link: '/benchmarks', activeMatch: '^/benchmarks' },
      { text: 'Comparison', link: '/comparison' },
    ],
    sidebar: {
      '/cookbook/': cookbook,
      '/options/': options,
      '/matrix': options,
      '/api/': [{ text: 'API reference', link: '/api/', items: api }],
      '/': guide,
    },
  },
});
