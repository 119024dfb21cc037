"""What a shared library needs of the system that loads it, as JSON on stdout.

    python3 symbols.py FILE

{"imports": [...], "exports": [...], "libraries": [...], "needs": {"GLIBC": "2.17"} or {"macOS": "11.0"},
 "code": the SHA-256 of the instructions and their address}
"""

import hashlib
import json
import sys

import lief


def elf(binary):
    needs = {}
    for requirement in binary.symbols_version_requirement:
        for version in requirement.get_auxiliary_symbols():
            name, _, number = version.name.partition("_")
            if not number or not number[0].isdigit():
                needs[version.name] = requirement.name
                continue
            parts = lambda text: [int(part) for part in text.split(".")]
            if name not in needs or parts(number) > parts(needs[name]):
                needs[name] = number
    named = [symbol for symbol in binary.dynamic_symbols if symbol.name]
    return {
        "imports": sorted(s.name for s in named if s.shndx == 0),
        "exports": sorted(s.name for s in named if s.shndx != 0),
        # Of no library that the linker knew: the runtime has them, or nobody.
        "unversioned": sorted(
            s.name for s in named if s.shndx == 0 and not (s.has_version and s.symbol_version.has_auxiliary_version)
        ),
        # The library loads without these.
        "weak": sorted(s.name for s in named if s.shndx == 0 and s.binding == lief.ELF.Symbol.BINDING.WEAK),
        "libraries": list(binary.libraries),
        "needs": needs,
    }


def macho(binary):
    needs = {}
    version = binary.build_version or binary.version_min
    if binary.build_version is not None:
        needs["macOS"] = ".".join(str(part) for part in binary.build_version.minos)
    elif version is not None:
        needs["macOS"] = ".".join(str(part) for part in version.version)
    return {
        "imports": sorted(s.name for s in binary.imported_symbols),
        "exports": sorted(s.name for s in binary.exported_symbols),
        # N_WEAK_REF of <mach-o/nlist.h>.
        "weak": sorted(s.name for s in binary.imported_symbols if s.description & 0x40),
        "libraries": [library.name for library in binary.libraries],
        "needs": needs,
        "signed": binary.has_code_signature,
    }


def pe(binary):
    header = binary.optional_header
    exports = binary.get_export()
    return {
        "imports": sorted(
            f"{library.name}:{entry.name}" for library in binary.imports for entry in library.entries
        ),
        "exports": sorted(entry.name for entry in exports.entries) if exports else [],
        "libraries": [library.name for library in binary.imports],
        "needs": {
            "Windows": f"{header.major_subsystem_version}.{header.minor_subsystem_version}"
        },
    }


def main(path):
    binary = lief.parse(path)
    if isinstance(binary, lief.ELF.Binary):
        report = elf(binary)
    elif isinstance(binary, lief.MachO.Binary):
        report = macho(binary)
    elif isinstance(binary, lief.PE.Binary):
        report = pe(binary)
    else:
        sys.exit(f"{path}: no ELF, Mach-O or PE file")
    code = next(s for s in binary.sections if s.name in (".text", "__text"))
    digest = hashlib.sha256(str(code.virtual_address).encode())
    digest.update(bytes(code.content))
    report["code"] = digest.hexdigest()
    print(json.dumps(report))


main(sys.argv[1])
