/**
 * wasi:filesystem without folders, for components that jco transpiled: there is no descriptor to call a method on, but
 * jco's bindings look for each.
 */
const methods = {
  Descriptor:
    'readViaStream writeViaStream appendViaStream advise syncData getFlags getType setSize setTimes read write readDirectory sync createDirectoryAt stat statAt setTimesAt linkAt openAt readlinkAt removeDirectoryAt renameAt symlinkAt unlinkFileAt isSameObject metadataHash metadataHashAt',
  DirectoryEntryStream: 'readDirectoryEntry',
} as const;

function classOf(name: keyof typeof methods): object {
  const made = function noConstructor(): never {
    throw new TypeError(`${name} has no constructor`);
  };
  Object.defineProperty(made, 'name', { value: name });
  for (const method of methods[name].split(' ')) {
    Object.defineProperty(made.prototype, method, {
      value() {
        throw new WebAssembly.RuntimeError(`${name}.${method}: this host has no folders`);
      },
    });
  }
  return made;
}

export const noFiles: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'wasi:filesystem/types': {
    Descriptor: classOf('Descriptor'),
    DirectoryEntryStream: classOf('DirectoryEntryStream'),
    filesystemErrorCode: () => undefined,
  },
  'wasi:filesystem/preopens': { getDirectories: () => [] },
};
