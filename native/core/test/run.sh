#!/bin/sh
# Builds libsock, its tests and the addon's C++ tests with every warning an error, under the address, leak
# and undefined behaviour sanitizers, runs them and sums up: `N passed, N failed, N skipped`.
#   CC=clang CXX=clang++ test/run.sh   other compilers
#   SANITIZE= test/run.sh              without sanitizers, optimised
#   test/run.sh connect handles        only those programs
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
core=$(dirname -- "$here")
addon=$core/../addon
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT INT TERM

CC=${CC:-cc}
CXX=${CXX:-c++}
flags="-D_GNU_SOURCE -Wall -Wextra -Wpedantic -Wconversion -Werror"
if [ "${SANITIZE-yes}" ]; then
  flags="$flags -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
else
  flags="$flags -O2"
fi
# INCLUDE is for a generated header that lives elsewhere.
includes="-I$core/include -I$core/src -I$here -idirafter $here/kqueue ${INCLUDE:+-I$INCLUDE}"

# Leaks are looked for at exit unless the caller decided otherwise.
export ASAN_OPTIONS="detect_leaks=1:${ASAN_OPTIONS-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS-}"

objects=
for source in "$core"/src/*.c; do
  object=$build/$(basename "$source" .c).o
  # shellcheck disable=SC2086
  $CC -std=c11 $flags $includes -c "$source" -o "$object"
  objects="$objects $object"
done

if [ $# -eq 0 ]; then
  for source in "$here"/*_test.c; do set -- "$@" "$(basename "$source" _test.c)"; done
  for source in "$addon"/test/*_test.cc; do set -- "$@" "$(basename "$source" _test.cc)"; done
fi

passed=0 failed=0 skipped=0
for name in "$@"; do
  if [ -f "$addon/test/${name}_test.cc" ]; then
    # What of the addon the test is about, where that is more than a header.
    sources="$addon/test/${name}_test.cc"
    if [ -f "$addon/${name}_posix.cc" ]; then sources="$sources $addon/${name}_posix.cc"; fi
    # shellcheck disable=SC2086
    $CXX -std=c++17 $flags $includes "-I$addon" $sources $objects -lpthread -o "$build/$name"
  else
    # shellcheck disable=SC2086
    $CC -std=c11 $flags $includes "$here/${name}_test.c" $objects -lpthread -o "$build/$name"
  fi
  mkdir "$build/$name.d"
  status=0
  (cd "$build/$name.d" && timeout 120 "$build/$name") >"$build/$name.out" 2>"$build/$name.err" ||
    status=$?
  cat "$build/$name.err" >&2
  line=$(tail -n 1 "$build/$name.out")
  case $line in
    *' passed, '*' failed, '*' skipped')
      # shellcheck disable=SC2086
      set -- "$@" && numbers=$(echo "$line" | tr -dc '0-9 ')
      # shellcheck disable=SC2086
      {
        p=$(echo $numbers | cut -d' ' -f1)
        f=$(echo $numbers | cut -d' ' -f2)
        s=$(echo $numbers | cut -d' ' -f3)
      }
      # A sanitizer's verdict comes after the summary: no check failed, and the program still did.
      if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
      ;;
    *) p=0 f=1 s=0 line="ended with status $status before its summary" ;;
  esac
  printf '%-10s %s\n' "$name" "$line"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
