import { operations, options, type OptionRow } from '@sock/core';
import type { Case } from '../../case.js';
import { proveUnsupported } from '../../unsupported.js';
import { setterOf } from '../../option-sample.js';

/** Names in the support table that are not calls of their own. */
const SILENT: readonly string[] = ['readable', 'writable'];

export const support: readonly Case[] = [
  {
    name: 'an operation that the table calls unsupported throws ERR_SOCK_UNSUPPORTED with the reason',
    methods: [],
    run(t) {
      for (const name of Object.keys(operations)) {
        if (!SILENT.includes(name) && !t.supports(name)) proveUnsupported(t, name);
      }
    },
  },
  {
    name: 'an option that the table calls unsupported throws ERR_SOCK_UNSUPPORTED with the reason',
    methods: [],
    run(t) {
      for (const row of options as readonly OptionRow[]) {
        for (const name of row.access === 'set' ? [] : [row.name, ...(row.aliases ?? [])]) {
          if (!t.supports(name)) proveUnsupported(t, name);
        }
        const setter = setterOf(row);
        if (setter !== undefined && !t.supports(setter)) proveUnsupported(t, setter);
      }
    },
  },
];
