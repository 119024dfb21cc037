/** Checks the links of the built site, anchors too: VitePress checks pages alone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const decode = (text) => decodeURIComponent(text.replaceAll('&amp;', '&'));

/** @returns the dead links, each with the page that it stands on */
export function deadLinks(dist, base) {
  const pages = new Map();
  for (const file of readdirSync(dist, { recursive: true }).map(String)) {
    if (!file.endsWith('.html')) continue;
    const html = readFileSync(join(dist, file), 'utf8');
    const targets = [...html.matchAll(/<a\s[^>]*?href="([^"]+)"/g)].map((match) => match[1]);
    const ids = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map((match) => decode(match[1])));
    pages.set(file.replaceAll('\\', '/'), { targets, ids });
  }
  const fileOf = (path) =>
    [path, `${path}.html`, posix.join(path, 'index.html')].find(
      (file) =>
        pages.has(file) || (file !== '' && /\.\w+$/.test(file) && existsSync(join(dist, file))),
    );
  const dead = [];
  for (const [file, { targets }] of pages) {
    for (const target of targets) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = decode(target).split('#');
      const absolute = path.startsWith(base)
        ? path.slice(base.length)
        : posix.join(posix.dirname(file), path);
      const found = path === '' ? file : fileOf(absolute.replace(/\/$/, ''));
      if (found === undefined) dead.push(`${file}: ${target}: no such page`);
      else if (anchor && pages.has(found) && !pages.get(found).ids.has(anchor)) {
        dead.push(`${file}: ${target}: no such heading`);
      }
    }
  }
  if (pages.size === 0) throw new Error(`${dist} has no page`);
  return { dead: [...new Set(dead)], pages: pages.size };
}
