/** The types that direct-bindings.ts gives the core module's exports are those of wit/socket.wit. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { functionTypes, socketInterface } from '../src/direct-bindings.js';

const wit = readFileSync(new URL('../wit/socket.wit', import.meta.url), 'utf8')
  .replaceAll(/\/\/.*$/gm, '')
  .replaceAll('%', '');

/** The text between the braces after `head`. */
function block(head: string): string {
  const start = wit.indexOf('{', wit.indexOf(`${head} {`)) + 1;
  let depth = 1;
  let end = start;
  for (; depth > 0; end++) depth += wit[end] === '{' ? 1 : wit[end] === '}' ? -1 : 0;
  return wit.slice(start, end - 1);
}

/** A type in the form of {@link functionTypes}: without names of parameters and aliases. */
const plain = (type: string): string =>
  type
    .replaceAll(/\berrno\b/g, 's32')
    .replaceAll(/\boption-id\b/g, 'u32')
    .replaceAll(/list<poll-entry>/g, 'list<tuple<borrow<socket>, readiness>>')
    .replaceAll(/(?<=result<(?:tuple<)?)(socket|lookup)\b(?!-)/g, 'own<$1>')
    .trim();

function functionsOf(text: string, resource?: string): [string, string][] {
  const pattern = /([a-z-]+): (static )?func\(([^)]*)\)(?: -> ([^;]+))?;/g;
  return [...text.matchAll(pattern)].map(([, name, isStatic, params, result]) => {
    const self = resource === undefined ? [] : [`borrow<${resource}>`];
    const own = isStatic === undefined ? self : [];
    const kind = isStatic === undefined ? 'method' : 'static';
    const named = (params as string).split(/,\s*(?=[a-z-]+:)/).filter((param) => param !== '');
    const types = named.map((param) => plain(param.replace(/^\s*[a-z-]+:/, '')));
    const type = `(${[...own, ...types].join(', ')})`;
    return [
      resource === undefined ? (name as string) : `[${kind}]${resource}.${name}`,
      result === undefined ? type : `${type} -> ${plain(result)}`,
    ];
  });
}

test('functions', () => {
  let rest = block('interface socket');
  const methods = socketInterface.resources.flatMap((resource) => {
    const text = block(`resource ${resource}`);
    rest = rest.replace(text, '');
    return functionsOf(text, resource);
  });
  const all = Object.fromEntries([...methods, ...functionsOf(rest)]);
  expect(Object.keys(all).length).toBeGreaterThan(20);
  expect(functionTypes).toEqual(all);
});

test('records, flags and enums', () => {
  const version = /package (.*)@(.*);/.exec(wit);
  expect(socketInterface.name).toBe(`${version?.[1]}/socket@${version?.[2]}`);
  const kindOf = (type: unknown): string => {
    const { kind, element } = type as { kind: string; element?: unknown };
    if (kind === 'list') return `list<${kindOf(element)}>`;
    return type === socketInterface.types['address'] ? 'address' : kind;
  };
  for (const [name, type] of Object.entries(socketInterface.types)) {
    if (type.kind === 'record') {
      const fields = block(`record ${name}`)
        .split(/,\s*\n/)
        .filter((line) => line.trim() !== '');
      expect(
        type.fields.map(([field, of]) => `${field}: ${kindOf(of)}`),
        name,
      ).toEqual(fields.map(plain));
    } else if (type.kind === 'enum' || type.kind === 'flags') {
      const names = block(`${type.kind} ${name}`)
        .split(',')
        .map((part) => part.trim());
      expect(type.names, name).toEqual(names.filter((part) => part !== ''));
    } else throw new Error(`${name} is a ${type.kind}`);
  }
});
