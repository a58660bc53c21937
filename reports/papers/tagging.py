"""Finish a tagged PDF: what PDF/UA-1 and PDF/A-3u ask for and WeasyPrint 70 leaves open. Runs in the typesetter's child.

Works on the objects of pydyf before they are written, so that the bytes stay the same for the same document:
running heads become artifacts, texts hang at their element without a Span or NonStruct between, cells find their headers,
boxes of figures stand in the page's own units, fonts are packed, attached files are listed once and have their type, and the
metadata claims both standards.
Sources: ISO 14289-1 7.1, 7.5, 7.3; ISO 19005-3 6.6, 6.8; ISO 32000-1 7.9.6, 12.4.2, 14.7.
"""

from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

import pydyf

from reports.papers.packing import pack_fonts

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XPACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">%s</x:xmpmeta>\n'
)
POINTS = 0.75  # a CSS pixel


def tidy(pdf):
    """Change the structure of ``pdf`` in place: it may be a part of the file."""
    tree = Tree(pdf)
    tree.make_margins_artifacts()
    tree.dissolve_wrappers()
    tree.hang_texts_at_their_elements()
    tree.place_figures()


def finish(document, pdf, *, mimes: dict[str, str], document_id: str):
    """The whole file, in place. ``mimes``: attached file -> type."""
    Tree(pdf).name_header_cells()
    _label_pages(pdf)
    _list_attached(pdf, mimes)
    pack_fonts(pdf)
    _tell_metadata(document.metadata, pdf, document_id)


class Tree:
    """The structure tree by pydyf objects."""

    def __init__(self, pdf):
        self.pdf = pdf
        self.root = self.at(pdf.catalog["StructTreeRoot"])
        self.numbers = self.at(self.root["ParentTree"])["Nums"]
        self.elements = [row for row in pdf.objects if isinstance(row, dict) and row.get("Type") == "/StructElem"]

    def at(self, reference: bytes):
        return self.pdf.objects[int(reference.split()[0])]

    @property
    def pages(self):
        return [self.at(reference) for reference in self.pdf.page_references]

    def make_margins_artifacts(self):
        """Running heads are tied to elements that hang nowhere: mark them as no content, and drop those elements."""
        held = self._held()
        strays = [row for row in self.elements if row.reference not in held]
        gone = {row.reference for row in strays}
        for place, page in enumerate(self.pages):
            marks = self.numbers[2 * place + 1]
            stray = {mcid for mcid, reference in enumerate(marks) if reference in gone}
            if stray:
                self._unmark(self.at(page["Contents"]), stray)
                self.numbers[2 * place + 1] = pydyf.Array(
                    b"null" if mcid in stray else reference for mcid, reference in enumerate(marks)
                )
        self._drop(strays)

    def _held(self) -> set[bytes]:
        """References of all elements that can be reached from the root."""
        held, left = set(), list(self.root["K"])
        while left:
            reference = left.pop()
            held.add(reference)
            left += [kid for kid in self.at(reference).get("K", ()) if isinstance(kid, bytes)]
        return held

    def _unmark(self, stream, mcids: set[int]):
        for place, entry in enumerate(stream.stream):
            if isinstance(entry, dict) and entry.get("MCID") in mcids:
                stream.stream[place - 1 : place + 2] = [b"/Artifact", b"", b"BMC"]

    def dissolve_wrappers(self):
        """A NonStruct says nothing (line breaks, inside of cells): its parent takes what it holds, if both are on one page."""
        holder = {}
        for row in reversed(self.elements):  # parents come before what they hold: from the innermost out
            if row["S"] == "/NonStruct" and not {"A", "ID", "Alt"} & row.keys() and self._same_page(row):
                parent = self.at(row["P"])
                place = parent["K"].index(row.reference)
                parent["K"][place : place + 1] = row["K"]
                for kid in row["K"]:
                    if isinstance(kid, bytes):
                        self.at(kid)["P"] = parent.reference
                holder[row.reference] = parent.reference
        for marks in self.numbers[1::2]:
            if isinstance(marks, list):
                marks[:] = [_outermost(reference, holder) for reference in marks]
        self._drop([row for row in self.elements if row.reference in holder])

    def hang_texts_at_their_elements(self):
        """A Span that only wraps one marked text says nothing: its element takes the text itself."""
        spans = [row for row in self.elements if row["S"] == "/Span" and _only_text(row) and self._same_page(row)]
        text_of = {row.reference: (row["K"][0], row["P"]) for row in spans}
        for row in self.elements:
            row["K"][:] = [text_of[kid][0] if kid in text_of else kid for kid in row["K"]]
        for marks in self.numbers[1::2]:
            if isinstance(marks, list):
                marks[:] = [text_of[reference][1] if reference in text_of else reference for reference in marks]
        self._drop(spans)

    def _same_page(self, row) -> bool:
        return self.at(row["P"]).get("Pg") == row["Pg"]

    def name_header_cells(self):
        """Headers of a cell are found by name: the names need an index."""
        named = sorted((row["ID"].string, row) for row in self.elements if "ID" in row)
        if named:
            names = pydyf.Array()
            for name, row in named:
                names += [pydyf.String(name), row.reference]
            self.root["IDTree"] = pydyf.Dictionary({"Names": names})
        for _name, row in named:
            row["A"]["Scope"] = "/Column"

    def place_figures(self):
        heights = {page.reference: page["MediaBox"][3] for page in self.pages}
        for row in self.elements:
            if row["S"] == "/Figure":
                height = heights[row["Pg"]]
                left, top, right, bottom = (POINTS * value for value in row["A"]["BBox"])
                row["A"]["BBox"] = pydyf.Array((left, height - bottom, right, height - top))

    def _drop(self, rows):
        """Give their numbers back: as free entries of the cross-reference table."""
        for row in rows:
            free = pydyf.Object()
            free.number, free.generation, free.free = 0, 65535, "f"
            self.pdf.objects[row.number] = free
        dropped = {id(row) for row in rows}
        self.elements = [row for row in self.elements if id(row) not in dropped]


def _outermost(reference: bytes, holder: dict[bytes, bytes]) -> bytes:
    while reference in holder:
        reference = holder[reference]
    return reference


def _only_text(row) -> bool:
    return len(row["K"]) == 1 and isinstance(row["K"][0], int) and not {"A", "ID", "Alt"} & row.keys()


def _label_pages(pdf):
    """Pages are called what their foot says: 1, 2, 3."""
    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array((0, pydyf.Dictionary({"S": "/D", "St": 1})))})


def _list_attached(pdf, mimes: dict[str, str]):
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    for row in pdf.objects:
        if isinstance(row, dict) and row.get("Type") == "/Filespec":
            file = pdf.objects[int(row["EF"]["F"].split()[0])]
            row["EF"]["UF"] = row["EF"]["F"]
            file.extra["Subtype"] = "/" + mimes[row["UF"].string].replace("/", "#2f")


def _tell_metadata(metadata, pdf, document_id: str):
    for prefix, address in NAMESPACES.items():
        register_namespace(prefix, address)
    rdf = Element(_name("rdf:RDF"))
    about = SubElement(rdf, _name("rdf:Description"), {_name("rdf:about"): ""})
    texts = {"pdfaid:part": "3", "pdfaid:conformance": "U", "pdfuaid:part": "1", "pdf:Producer": pdf.info["Producer"].string}
    texts |= {"xmpMM:DocumentID": document_id} if document_id else {}
    for name, text in texts.items():
        SubElement(about, _name(name)).text = text
    for name, words in (("dc:title", metadata.title), ("dc:description", metadata.description)):
        if words:
            one = SubElement(
                SubElement(SubElement(about, _name(name)), _name("rdf:Alt")), _name("rdf:li"), {XML_LANG: "x-default"}
            )
            one.text = words
    if metadata.authors:
        people = SubElement(SubElement(about, _name("dc:creator")), _name("rdf:Seq"))
        SubElement(people, _name("rdf:li")).text = ", ".join(metadata.authors)
    _describe_schema(about)
    packet = XPACKET % tostring(rdf, encoding="utf-8") + b'<?xpacket end="r"?>'
    stream = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    stream.stream, stream.compress = [packet], False


def _describe_schema(about):
    """PDF/A knows the word of PDF/UA only when it is described (ISO 19005-3 6.6.2.3.2)."""
    bag = SubElement(SubElement(about, _name("pdfaExtension:schemas")), _name("rdf:Bag"))
    schema = SubElement(bag, _name("rdf:li"), {_name("rdf:parseType"): "Resource"})
    SubElement(schema, _name("pdfaSchema:schema")).text = "PDF/UA Universal Accessibility Schema"
    SubElement(schema, _name("pdfaSchema:namespaceURI")).text = NAMESPACES["pdfuaid"]
    SubElement(schema, _name("pdfaSchema:prefix")).text = "pdfuaid"
    listed = SubElement(SubElement(schema, _name("pdfaSchema:property")), _name("rdf:Seq"))
    row = SubElement(listed, _name("rdf:li"), {_name("rdf:parseType"): "Resource"})
    told = {"name": "part", "valueType": "Integer", "category": "internal", "description": "Part of ISO 14289 that is followed"}
    for key, text in told.items():
        SubElement(row, _name(f"pdfaProperty:{key}")).text = text


def _name(short: str) -> str:
    prefix, name = short.split(":")
    return f"{{{NAMESPACES[prefix]}}}{name}"
