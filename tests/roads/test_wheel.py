"""The wheel alone, in an environment of its own: a .pkl is scored with the base install."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.roads.conftest import TINY
from tests.roads.road import ROOT, automl, copy_project, run

pytestmark = [pytest.mark.roads, pytest.mark.timeout(3600)]

SCORE = """
import sys, pandas as pd, bakeoff
predictor = bakeoff.load_predictor(sys.argv[1])
table = pd.read_parquet(sys.argv[2])
predictor.predict_proba(table).to_csv(sys.argv[3], index=False)
assert not {"prefect", "dvc", "great_expectations", "optuna", "flows", "tasks"} & set(sys.modules)
"""


def test_a_pkl_is_scored_with_the_wheel_alone(tmp_path: Path, server: dict[str, str]) -> None:
    folder = copy_project(tmp_path / "project", {"tiny": TINY})
    run(automl("tiny"), folder, **server)
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), "."], folder)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    pins = re.findall(r"^([A-Za-z0-9_.-]+==[^\\\n]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)  # with their markers
    (tmp_path / "pins.txt").write_text("\n".join(pins))
    clean = tmp_path / "clean"
    run([sys.executable, "-m", "venv", str(clean)], tmp_path)
    python = str(clean / "bin" / "python")
    run([python, "-m", "pip", "install", "-q", "--no-input", "-c", str(tmp_path / "pins.txt"), str(wheel)], tmp_path)
    assert "prefect" not in run([python, "-m", "pip", "list"], tmp_path)

    (tmp_path / "score.py").write_text(SCORE)
    best = json.loads((folder / "data" / "reports" / "tiny" / "metrics.json").read_text())["best"]["name"]
    arguments = [str(folder / "data" / "models" / "tiny" / f"{best}.pkl"), str(folder / "data" / "raw" / "wine.parquet")]
    run([python, "score.py", *arguments, "clean.csv"], tmp_path)
    run([sys.executable, str(tmp_path / "score.py"), *arguments, str(tmp_path / "here.csv")], folder)
    assert (tmp_path / "clean.csv").read_text() == (tmp_path / "here.csv").read_text()
