"""tidy.py: names that two sources of a part must not both have for themselves."""

import pathlib
import subprocess
import sys

TIDY = pathlib.Path(__file__).parents[2] / "tools" / "tidy.py"


def tidy(folder, **sources):
    """Runs tidy.py on sources (path with __ for /, text in namespaces); returns (exit status, output)."""
    for name, text in sources.items():
        path = folder / "src" / (name.replace("__", "/") + (".hpp" if name.endswith("_h") else ".cpp"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run([sys.executable, TIDY, folder], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def own(text, namespace="holdfast"):
    return f"namespace {namespace} {{\nnamespace {{\n\n{text}\n\n}}  // namespace\n}}  // namespace {namespace}\n"


def test_finds_a_name_that_two_sources_have(tmp_path):
    for at, text in enumerate(
        [
            "constexpr int kMost = 1;",
            "std::string words(int number) {\n  return {};\n}",
            "struct Found {\n  int at;\n};",
            "template <class T>\nT taken(T from) { return from; }",
        ]
    ):
        status, output = tidy(tmp_path / str(at), flow__a=own(text), flow__deep__b=own(text.replace("number", "other")))

        assert status == 1, text
        assert "flow/deep/b.cpp:" in output and "flow/a.cpp:" in output, output


def test_finds_what_hides_a_name_or_stands_in_a_header(tmp_path):
    local = "namespace holdfast {\nint f() {\n  constexpr int kMost = 2;\n  return kMost;\n}\n}  // namespace holdfast\n"
    header = "namespace holdfast {\nclass Reader {\n};\n}  // namespace holdfast\n"

    assert tidy(tmp_path / "1", flow__a=own("constexpr int kMost = 1;"), flow__b=local)[0] == 1
    assert tidy(tmp_path / "2", flow__a_h=header, flow__b=own("class Reader {\n};"))[0] == 1


def test_lets_alone_what_does_not_meet(tmp_path):
    constant = own("constexpr int kMost = 1;")
    alias = own("namespace json = boost::json;\nusing core::Job;")
    table = own('constexpr const char* kSql = R"sql(\nSELECT count(*) FROM a)sql";')

    assert tidy(tmp_path / "1", flow__a=constant, guard__b=constant) == (0, "tidy: clean\n")
    assert tidy(tmp_path / "2", adapters__x__a=constant, adapters__y__b=constant)[0] == 0
    assert tidy(tmp_path / "3", flow__a=constant, flow__b=own("constexpr int kMost = 1;", "holdfast::views"))[0] == 0
    assert tidy(tmp_path / "4", flow__a=alias, flow__b=alias)[0] == 0
    assert tidy(tmp_path / "5", flow__a=table, flow__b=table.replace("kSql", "kOther"))[0] == 0
    assert tidy(tmp_path / "6", flow__a=constant, flow__a_test=constant)[0] == 0
