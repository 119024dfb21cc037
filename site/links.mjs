/**
 * Links of the documents, which are written for a reader of the repository, as links of the site. A link to a file that
 * does not exist is an error. A source file that has no page keeps its text and loses its link.
 */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { programAnchor } from './programs.mjs';

/** The page of a file or folder of the repository; `undefined` if it has none. */
export function pageOf(path) {
  const [, first, second, rest] = /^([^/]+)(?:\/([^/]+))?(?:\/(.+))?$/.exec(path) ?? [];
  if (path === 'docs/support.md') return '/matrix';
  if (path === 'examples' || path === 'examples/README.md') return '/cookbook/';
  if (path === 'examples/cookbook') return '/cookbook/';
  if (first === 'docs') return `/${path.slice('docs/'.length)}`.replace(/\.md$/, '');
  if (path.startsWith('examples/cookbook/')) return `/cookbook/${rest.replace(/\.ts$/, '')}`;
  if (first === 'examples') {
    if (rest === undefined && second.includes('.')) return undefined;
    return `/cookbook/programs/${second}${rest === undefined ? '' : `#${programAnchor(rest)}`}`;
  }
  if (first === 'packages' && (rest === undefined || rest === 'README.md'))
    return `/packages/${second}`;
  return undefined;
}

/** Rewrites the links of a document that stands at `file` in the repository. */
export function rewriteLinks(root, file, text) {
  const folder = posix.dirname(file);
  const rewrite = (whole, bang, label, target) => {
    if (/^(?:[a-z]+:|#|\/)/.test(target)) return whole;
    const [path, anchor] = target.split('#');
    const absolute = posix.normalize(posix.join(folder, path)).replace(/\/$/, '');
    if (!existsSync(join(root, absolute))) {
      throw new Error(`${file} links to ${target}, which does not exist`);
    }
    if (bang === '!') return whole;
    const page = pageOf(absolute);
    if (page === undefined) return label;
    return `[${label}](${page}${anchor === undefined ? '' : `#${anchor}`})`;
  };
  // Code is left alone: `a[0](b)` is no link.
  return text
    .split(/(^```[^]*?^```$)/m)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(/(!?)\[([^\]]+)\]\(([^)\s]+)\)/g, rewrite),
    )
    .join('');
}
