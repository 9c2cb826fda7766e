import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

import agora
import democratic_ai

HERE = pathlib.Path(__file__).resolve().parents[1]


def builder():
    """A Python that has what wheels are built with; None: there is none."""
    for program in (sys.executable, "/usr/bin/python3"):
        try:
            if subprocess.run([program, "-c", "import setuptools, wheel; assert int(setuptools.__version__.split('.')[0]) >= 61"], capture_output=True).returncode == 0:
                return program
        except OSError:
            continue
    return None


class PackageTests(unittest.TestCase):
    def test_the_async_client_without_httpx_says_how_to_install_it(self):
        for module in ("agora.aio", "democratic_ai.aio"):
            with self.subTest(module):
                code = f"import sys; sys.modules['httpx'] = None; import {module}"  # None: as if it were not installed.
                said = subprocess.run([sys.executable, "-c", code], cwd=HERE / "src", capture_output=True, text=True)
                self.assertEqual(1, said.returncode)
                self.assertIn("ModuleNotFoundError: The async client needs the package httpx: pip install './clients/python[aio]', or apt install python3-httpx", said.stderr)

    @unittest.skipUnless(builder(), "no Python here has setuptools and wheel")
    def test_its_wheel_is_built_and_imported(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "source")
            shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
            subprocess.run([builder(), "-c", f"import setuptools.build_meta as build; build.build_wheel({folder!r})"], cwd=source, check=True, capture_output=True)
            wheel = next(pathlib.Path(folder).glob("agora_client-*-py3-none-any.whl"))
            with zipfile.ZipFile(wheel) as built:
                names = built.namelist()
            self.assertEqual({"agora", "democratic_ai"}, {name.split("/")[0] for name in names if ".dist-info" not in name})
            self.assertTrue(any(name.endswith("LICENSE") for name in names) and {"agora/py.typed", "agora/sealed/ring.py"} <= set(names), names)
            said = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(wheel)!r}); import agora, democratic_ai; print(agora.__version__)"],
                                  check=True, capture_output=True, text=True)
            self.assertEqual(agora.__version__, said.stdout.strip())

    @unittest.skipUnless(builder(), "no Python here has setuptools and wheel")
    def test_its_source_package_has_all_that_a_wheel_is_built_of(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "source")
            shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
            subprocess.run([builder(), "-c", f"import setuptools.build_meta as build; build.build_sdist({folder!r})"], cwd=source, check=True, capture_output=True)
            packed = next(pathlib.Path(folder).glob("agora?client-*.tar.gz"))
            with tarfile.open(packed) as archive:
                archive.extractall(folder)
                names = {name.split("/", 1)[-1] for name in archive.getnames()}
            self.assertLessEqual({"LICENSE", "README.md", "pyproject.toml", "PKG-INFO", "src/agora/__init__.py", "src/agora/py.typed", "src/democratic_ai/__init__.py"}, names)
            unpacked = pathlib.Path(folder, packed.name[:-len(".tar.gz")])
            subprocess.run([builder(), "-c", f"import setuptools.build_meta as build; build.build_wheel({folder!r})"], cwd=unpacked, check=True, capture_output=True)
            self.assertEqual((unpacked / "LICENSE").read_text(), (HERE / "LICENSE").read_text())

    def test_the_blocking_form_is_made_of_the_async_one(self):
        made = subprocess.run([sys.executable, str(HERE.parent / "generate.py"), "--blocking", "--check"], capture_output=True, text=True)
        self.assertEqual((0, ""), (made.returncode, made.stderr))

    def test_it_is_imported_without_httpx(self):
        code = "import sys; sys.modules['httpx'] = None; import agora, agora.sealed, democratic_ai; assert 'agora.aio' not in sys.modules"
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_all_say_one_version(self):
        named = re.search(r'^version = "(.*)"$', (HERE / "pyproject.toml").read_text(), re.MULTILINE).group(1)
        self.assertEqual((named, named), (agora.__version__, democratic_ai.__version__))
