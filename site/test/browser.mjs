/**
 * Opens the built site in a real browser and uses it as a reader does. Ends with `N passed, N failed, N skipped`.
 *
 *   node site/test/browser.mjs [--screenshots]
 *
 * It builds the site first. `--screenshots` writes the pictures in docs/images.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { options } from '@sock/core';
import { serve } from 'vitepress';
import { Tally } from '../../tools/tally.mjs';
import { deadLinks } from '../check-links.mjs';
import { findChromium, withBrowser } from './chromium.mjs';

const site = fileURLToPath(new URL('..', import.meta.url));
const images = join(site, '../docs/images');
const screenshots = process.argv.includes('--screenshots');

function expect(holds, what) {
  if (!holds) throw new Error(what);
}

async function screenshot(page, name) {
  if (!screenshots) return;
  mkdirSync(images, { recursive: true });
  await page.screenshot({ path: join(images, name) });
}

/** The text of a cell of the matrix, by the name of its row. */
const cell = (page, name, column) =>
  page
    .locator('table.matrix tbody tr')
    .filter({ has: page.locator(`code:text-is("${name}")`) })
    .locator(`td:nth-child(${column})`)
    .innerText();
const rowCount = (page) => page.locator('table.matrix tbody tr').count();

const tests = {
  'the start page shows what it is and leads to the guide': async (page) => {
    await page.goto('/');
    const heading = await page.locator('h1').innerText();
    expect(heading.includes('The whole socket for TypeScript'), `the heading is ${heading}`);
    await screenshot(page, 'site-start.png');
    await page.getByRole('link', { name: 'Getting started' }).first().click();
    await page.waitForURL('**/start');
    await page.getByRole('heading', { name: 'Getting started', level: 1 }).waitFor();
  },
  'a search for tcpUserTimeout leads to the option': async (page) => {
    await page.goto('/');
    await page.locator('.VPNavBarSearch button').first().click();
    await page.locator('input#localsearch-input').fill('tcpUserTimeout');
    const result = page.locator('.results .result').first();
    await result.getByText('tcpUserTimeout').first().waitFor();
    // The excerpts are loaded after the titles.
    await page.locator('.results .excerpt').first().waitFor();
    await screenshot(page, 'site-search.png');
    await result.click();
    await page.waitForURL('**#tcpusertimeout');
    const anchor = new URL(page.url()).hash.slice(1);
    const heading = page.locator(`[id="${anchor}"]`);
    expect((await heading.innerText()).includes('tcpUserTimeout'), 'the result is another heading');
    const text = await page.locator('main').innerText();
    for (const word of ['TCP_USER_TIMEOUT', 'setTcpUserTimeout', 'RFC 5482']) {
      expect(text.includes(word), `the page does not say ${word}`);
    }
  },
  "the option's methods lead to the API reference": async (page) => {
    await page.goto('/options/tcp');
    await page.locator('main a', { hasText: 'setTcpUserTimeout()' }).click();
    await page.waitForURL('**/api/**/Socket#settcpusertimeout');
    const heading = page.locator('#settcpusertimeout');
    expect((await heading.innerText()).includes('setTcpUserTimeout'), 'no such method there');
  },
  'the matrix shows every option, and its text filter finds names, constants and words': async (
    page,
  ) => {
    await page.goto('/matrix');
    expect((await rowCount(page)) > options.length, 'rows are missing');
    for (const text of ['tcpUserTimeout', 'TCP_USER_TIMEOUT', 'unacknowledged ETIMEDOUT']) {
      await page.locator('input[name=text]').fill(text);
      await page.locator('.count', { hasText: /^1 of / }).waitFor();
      expect((await cell(page, 'tcpUserTimeout', 2)).startsWith('native'), `${text}: no such row`);
    }
    await page.getByRole('button', { name: 'Clear' }).click();
    expect((await rowCount(page)) > options.length, 'Clear does not bring the rows back');
  },
  'the matrix filters by system, backend and level, and its address keeps the filter': async (
    page,
  ) => {
    await page.goto('/matrix');
    await page.locator('select[name=system]').selectOption('darwin');
    expect((await cell(page, 'tcpUserTimeout', 2)).includes('only on linux'), 'darwin has it');
    await page.locator('select[name=level]').selectOption('advisory');
    await page.locator('select[name=backend]').selectOption('wasi');
    const advisory = options.filter(({ wasi }) => wasi.level === 'advisory');
    expect(advisory.length > 0, 'no option is advisory');
    for (const { name } of advisory) {
      expect((await cell(page, name, 2)).startsWith('advisory'), `${name} is not shown`);
    }
    expect(
      (await page.getByText('tcpUserTimeout').count()) === 0,
      'an unsupported option is shown',
    );
    const filtered = await rowCount(page);
    await page.goto(page.url());
    await page.locator('.count', { hasText: new RegExp(`^${filtered} of `) }).waitFor();
  },
  'a recipe shows the file that the tests run': async (page) => {
    await page.goto('/cookbook/');
    await page.locator('main').getByRole('link', { name: 'An async echo server' }).click();
    await page.waitForURL('**/cookbook/echo-server');
    await page.locator('main pre', { hasText: 'listener.connections()' }).waitFor();
  },
  'the benchmarks show their plots': async (page) => {
    await page.goto('/benchmarks');
    const plots = page.locator('main img');
    expect((await plots.count()) === 3, 'plots are missing');
    for (const plot of await plots.all()) {
      await plot.scrollIntoViewIfNeeded();
      expect(
        await plot.evaluate(async (image) => {
          await image.decode();
          return image.naturalWidth > 100;
        }),
        'a plot is not shown',
      );
    }
  },
};

/** The build's own check must see what it is for. */
function checkOfLinks() {
  const folder = mkdtempSync(join(tmpdir(), 'sock-site-links-'));
  try {
    writeFileSync(join(folder, 'a.html'), '<h1 id="here"></h1><a href="/b">b</a><a href="#here">');
    writeFileSync(join(folder, 'b.html'), '<a href="/a#here">a</a><a href="https://example.org/">');
    expect(deadLinks(folder, '/').dead.length === 0, 'it reports links that work');
    writeFileSync(join(folder, 'b.html'), '<a href="/c">c</a><a href="/a#there">a</a>');
    expect(
      deadLinks(folder, '/').dead.length === 2,
      'it does not report a dead page and a dead anchor',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const tally = new Tally();
async function run(name, test) {
  try {
    await test();
    tally.add('passed', name);
  } catch (error) {
    tally.add('failed', name, error.message);
  }
}

const { status } = spawnSync(process.execPath, [join(site, 'build.mjs')], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, SITE_BASE: '/' },
});
await run('the site builds', () => expect(status === 0, `the build ended with status ${status}`));
await run("the build's check of links sees dead pages and anchors", checkOfLinks);

const browser = findChromium();
if (browser === undefined) {
  for (const name of Object.keys(tests)) {
    tally.add('skipped', name, 'there is no Chromium, and only root can install it');
  }
} else if (status === 0) {
  const { server } = await serve({ root: site, port: 0 });
  const origin = `http://localhost:${server.address().port}`;
  await withBrowser(browser, async (context) => {
    for (const [name, test] of Object.entries(tests)) {
      await run(name, async () => {
        const page = await context.newPage();
        const errors = [];
        page.setDefaultTimeout(20_000);
        page.on('pageerror', (error) => errors.push(error.message));
        // The site asks no other host for anything.
        page.on('request', (request) => {
          if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) {
            errors.push(`a request to ${request.url()}`);
          }
        });
        const go = page.goto.bind(page);
        page.goto = (path) => go(new URL(path, origin).href);
        try {
          await test(page);
          expect(errors.length === 0, errors.join('\n'));
        } finally {
          await page.close();
        }
      });
    }
  });
  server.close();
  server.closeAllConnections();
}
tally.finish();
