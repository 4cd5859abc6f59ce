"""Licences by their SPDX identifiers: what they are called, and where they can be read."""

from __future__ import annotations

# https://spdx.org/licenses: those that models and data have.
NAMES = {
    "AFL-3.0": "Academic Free License 3.0",
    "AGPL-3.0": "GNU Affero General Public License 3.0",
    "Apache-2.0": "Apache License 2.0",
    "Artistic-2.0": "Artistic License 2.0",
    "BSD-2-Clause": "BSD 2-Clause License",
    "BSD-3-Clause": "BSD 3-Clause License",
    "BSL-1.0": "Boost Software License 1.0",
    "C-UDA-1.0": "Computational Use of Data Agreement 1.0",
    "CC-BY-2.0": "Creative Commons Attribution 2.0",
    "CC-BY-3.0": "Creative Commons Attribution 3.0",
    "CC-BY-4.0": "Creative Commons Attribution 4.0",
    "CC-BY-NC-2.0": "Creative Commons Attribution-NonCommercial 2.0",
    "CC-BY-NC-3.0": "Creative Commons Attribution-NonCommercial 3.0",
    "CC-BY-NC-4.0": "Creative Commons Attribution-NonCommercial 4.0",
    "CC-BY-NC-ND-4.0": "Creative Commons Attribution-NonCommercial-NoDerivatives 4.0",
    "CC-BY-NC-SA-4.0": "Creative Commons Attribution-NonCommercial-ShareAlike 4.0",
    "CC-BY-ND-4.0": "Creative Commons Attribution-NoDerivatives 4.0",
    "CC-BY-SA-3.0": "Creative Commons Attribution-ShareAlike 3.0",
    "CC-BY-SA-4.0": "Creative Commons Attribution-ShareAlike 4.0",
    "CC0-1.0": "Creative Commons Zero 1.0",
    "CDLA-Permissive-2.0": "Community Data License Agreement Permissive 2.0",
    "CDLA-Sharing-1.0": "Community Data License Agreement Sharing 1.0",
    "ECL-2.0": "Educational Community License 2.0",
    "EPL-2.0": "Eclipse Public License 2.0",
    "EUPL-1.2": "European Union Public Licence 1.2",
    "GPL-2.0": "GNU General Public License 2.0",
    "GPL-3.0": "GNU General Public License 3.0",
    "ISC": "ISC License",
    "LGPL-2.1": "GNU Lesser General Public License 2.1",
    "LGPL-3.0": "GNU Lesser General Public License 3.0",
    "MIT": "MIT License",
    "MPL-2.0": "Mozilla Public License 2.0",
    "MS-PL": "Microsoft Public License",
    "ODbL-1.0": "Open Data Commons Open Database License 1.0",
    "ODC-By-1.0": "Open Data Commons Attribution License 1.0",
    "OFL-1.1": "SIL Open Font License 1.1",
    "OSL-3.0": "Open Software License 3.0",
    "PDDL-1.0": "Open Data Commons Public Domain Dedication 1.0",
    "Unlicense": "The Unlicense",
    "WTFPL": "Do What The F*ck You Want To Public License",
    "Zlib": "zlib License",
}
# GNU's are of that version alone, or of later ones too.
ENDINGS = ("-only", "-or-later")
IDENTIFIERS = {identifier.lower(): identifier for identifier in NAMES}


def find(written: str) -> tuple[str, str] | None:
    """The name and the address of a licence that is written as its identifier."""
    wanted = written.strip().lower()
    ending = next((one for one in ENDINGS if wanted.endswith(one)), "")
    found = IDENTIFIERS.get(wanted.removesuffix(ending))
    if found is None or (ending and "GPL" not in found):
        return None
    later = " or later" if ending == "-or-later" else ""
    return NAMES[found] + later, f"https://spdx.org/licenses/{found}{ending}.html"
