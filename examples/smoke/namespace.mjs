import { register } from 'tsx/esm/api';

register();
const { NetworkNamespace } = await import('../network-namespace.ts');

/** Gives `use` a network namespace. Returns the reason if the system does not allow one. */
export async function inNamespace(use) {
  const obstacle = NetworkNamespace.obstacle();
  if (obstacle !== undefined) return `skipped: ${obstacle}`;
  const namespace = await NetworkNamespace.make();
  try {
    await use(namespace);
  } finally {
    namespace.close();
  }
  return undefined;
}

export { NetworkNamespace };
