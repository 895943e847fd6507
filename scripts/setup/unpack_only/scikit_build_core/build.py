"""Stands in for a package's build backend while pip downloads its source archive.

pip insists on asking the backend for the metadata of a source package; the real backend would run code of the
package and fetch more packages. This one answers from the PKG-INFO file that every source archive carries,
and builds nothing.
"""

import email
import pathlib
import shutil


def get_requires_for_build_wheel(config_settings=None):
    """Nothing is built, so nothing is needed."""
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Copies PKG-INFO of the unpacked archive (the current folder); returns the metadata folder's name."""
    source = pathlib.Path("PKG-INFO")
    fields = email.message_from_string(source.read_text(encoding="utf-8"))
    name = f"{fields['Name'].replace('-', '_')}-{fields['Version']}.dist-info"
    target = pathlib.Path(metadata_directory) / name
    target.mkdir()
    shutil.copy(source, target / "METADATA")
    return name
