from tests.reports.pictures import FOLDER, drawings, rendered

for name, svg in drawings().items():
    rendered(svg).quantize(16).save(FOLDER / f"{name}.png", optimize=True)
