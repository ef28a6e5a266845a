"""Files of figures: what every CSV of the coordinator's pages has in common."""

from ihlannotate.web.coordinate.downloads import csv_file


def test_a_file_has_its_header_and_no_text_that_is_a_formula() -> None:
    answer = csv_file(
        "s-figures.csv", ("of", "value", "note"), [("=1+1", -0.5, ""), ("plain", None, "@x, y")]
    )
    lines = answer.content.decode().splitlines()
    assert lines == ['"of","value","note"', '"\'=1+1",-0.5,""', '"plain","","\'@x, y"']
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="s-figures.csv"'
