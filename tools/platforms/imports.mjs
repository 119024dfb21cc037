/** Which names a binary may leave to the system and the runtime. */

const runtime = /^_?(?:napi|node_api|uv)_[a-z0-9_]+$/;
/** Of libuv, which is not in every runtime. The addon has to load without them. */
const libuv = /^_?(?:uv_[a-z0-9_]+|napi_get_uv_event_loop)$/;
/** What a compiler adds by itself. */
const added = new Set([
  '__cxa_finalize',
  '_ITM_deregisterTMCloneTable',
  '_ITM_registerTMCloneTable',
  '__gmon_start__',
]);
/** C++ left over: nothing of a C++ library may be. */
const cxx = /^_?_Z|^_?__cxa_(?!finalize|atexit|thread_atexit)|^_?__gxx_/;

/** What the runtime looks for in an addon, and sections' ends that linkers export. */
const entry =
  /^_?(?:napi_register_module_v1|node_api_module_get_api_version_v1)$|^__mh_dylib_header$|^___dso_handle$/;

const libraries = {
  linux:
    /^(?:libc\.so(?:\.6)?|libc\.musl-.*|ld-linux.*|libpthread\.so\.0|libm\.so\.6|libdl\.so\.2)$/,
  darwin: /^(?:\/usr\/lib\/libSystem\.B\.dylib|@rpath\/sock\.node)$/,
  win32: /^(?:ws2_32|iphlpapi|ntdll|kernel32|api-ms-win-crt-.*)(?:\.dll)?$/i,
};

/** The imports, exports and libraries of a binary that a target must not have. */
export function unexpected(
  target,
  { imports, exports, unversioned = [], weak = [], libraries: used },
) {
  const allowed = (library) =>
    target.libraries?.includes(library) ?? libraries[target.os].test(library);
  const problems = used
    .filter((library) => !allowed(library))
    .map((library) => `the library ${library}`);
  for (const name of imports) {
    if (runtime.test(name) && target.os !== 'win32') continue;
    if (cxx.test(name) && !added.has(name)) problems.push(`the symbol ${name}`);
    if (target.os === 'win32' && runtime.test(name.split(':')[1] ?? '')) {
      problems.push(`the import ${name}`);
    }
  }
  for (const name of imports) {
    if (libuv.test(name) && !weak.includes(name)) problems.push(`${name}, which is not weak`);
  }
  if (target.libc === 'glibc') {
    for (const name of unversioned) {
      if (!runtime.test(name) && !added.has(name)) problems.push(`${name}, which glibc has not`);
    }
  }
  for (const name of exports) {
    if (!entry.test(name)) problems.push(`to export no ${name}`);
  }
  if (!exports.some((name) => /^_?napi_register_module_v1$/.test(name))) {
    problems.push('to export napi_register_module_v1');
  }
  return problems;
}
