"""Share a long document among processes. Runs in the typesetter's child, around inner functions of WeasyPrint 70.

A helper takes all chapters from one near the middle on, makes boxes of them, lays them out and draws them as if there were no
others; a second one draws a part of the pages that are left. So that chapter begins a page. If that would leave more than half
a page empty before it, the helper is ended, and the main process goes on from its last page; a spare one, which has waited for
that, takes the chapters from a later one on, on the same condition. They tell each other:

- the main process and the first helper, how many pages they have and where their anchors are: again and again, until no page
  number in the contents or elsewhere changes any more; then the helper, what running heads say on the pages before its own;
- each helper that it has drawn; the main process which fonts it embeds;
- each helper its objects, its bookmarks, and what it uses of those fonts.

The main process puts them behind its own. Whether all work at the same time or in turn makes no difference to the bytes.
"""

import multiprocessing
import os
import signal
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from xml.etree.ElementTree import Element

import pydyf
from weasyprint import document, layout, pdf
from weasyprint.css.targets import TargetLookupItem
from weasyprint.document import Document
from weasyprint.pdf import anchors

WORTH_ELEMENTS, WORTH_PAGES = 2000, 12  # a shorter document is laid out, or drawn, by one process
FULL_ENOUGH = 0.5  # of the page before the helper's chapters
SHARE_ELEMENTS, SHARE_PAGES = 0.42, 0.3  # for the main process, which also embeds the fonts and writes the file
POINTS = 0.75  # a CSS pixel
NOWHERE = (0, 0, 0, 0)
ROUNDS = 6  # in which page numbers that stand in the text must settle; WeasyPrint has eight
PARENTS = {"StructParent", "StructParents"}


@dataclass
class Stub:
    """A page of another process, as far as WeasyPrint asks for it."""

    bookmarks: list = field(default_factory=list)
    anchors: dict = field(default_factory=dict)
    links: list = field(default_factory=list)
    height: float = 0


@dataclass
class Made:
    """What a helper hands over: its objects, and which of them join those of the main process."""

    objects: list[pydyf.Object]
    pages: list[int]
    stubs: list[Stub]
    structure: int
    fonts: int
    glyphs: dict[str, tuple[dict, dict]]  # font -> glyph -> its text, glyph -> its width
    names: list


class Helper:
    """A process with later pages, as the main process sees it."""

    def __init__(self, connection, process: int):
        self.connection, self.process = connection, process
        self.has_drawn = False

    def hear_it_has_drawn(self):
        if not self.has_drawn:
            self.has_drawn = self.recv()

    def hand_over(self, known: set[str]) -> Made:
        self.hear_it_has_drawn()
        self.send(known)
        made = self.recv()
        os.waitpid(self.process, 0)
        return made

    def end(self):
        """It is not wanted."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)

    def send(self, words):
        self.connection.send(words)

    def recv(self):
        """If it was ended by a limit, this process ends in the same way."""
        try:
            return self.connection.recv()
        except EOFError:
            code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
            if code < 0:
                os.kill(os.getpid(), -code)
            raise


class Sharing:
    """The work of this process on the document: main process or helper.

    ``together=False``: one after the other, where another report wants the second processor.
    """

    def __init__(self, *, together: bool):
        self.together = together
        self.main = None  # the connection, in a helper
        self.helpers: list[Helper] = []
        self.partner = None  # with whom the layout is shared: main process or first helper
        self.left_out: list[Element] = []  # the chapters of the helper, as long as it may be ended
        self.spare: Helper | None = None  # waits to take a part of them in its stead
        self.elsewhere: Iterable[str] = ()  # anchors on pages of others
        self.pages_before, self.pages_in_all, self.rounds = 0, None, 0
        self.fonts, self.font_options = None, ()
        self.prepare, self.generate = Document._build_layout_context, document.generate_pdf
        self.make_all_pages, self.make_margin_boxes = layout.make_all_pages, layout.make_margin_boxes
        self.resolve_links, self.build_fonts = pdf.resolve_links, pdf.build_fonts_dictionary

    def install(self):
        Document._build_layout_context, document.generate_pdf = self._prepare, self._generate
        layout.make_all_pages, layout.make_margin_boxes = self._make_all_pages, self._make_margin_boxes
        pdf.resolve_links, pdf.build_fonts_dictionary = self._resolve_links, self._build_fonts
        pdf.add_outlines = lambda *_: None  # they come when all pages are there

    def finish(self, rendered: Document, file: pydyf.PDF, *, tidy: Callable, then: Callable):
        """WeasyPrint's finisher. ``tidy(file)`` is done to each part, ``then(rendered, file)`` to the whole."""
        tidy(file)
        if self.main:
            self._hand_over(rendered, file)
        stubs = []
        for place, made in enumerate(self.made):
            join(file, made, self.fonts, f"{place}-")
            stubs += made.stubs
        whole = Document([*rendered.pages, *stubs], rendered.metadata, None, None, None, None)
        anchors.add_outlines(file, whole.make_bookmark_tree(POINTS, transform_pages=True))
        then(rendered, file)
        file.objects[:] = [row if row.free == "f" else packed(row) for row in file.objects]

    def _split(self) -> Helper | None:
        """Fork: the helper, as its father sees it; None in the helper itself."""
        ours, theirs = multiprocessing.Pipe()
        process = os.fork()
        if process:
            theirs.close()
            return Helper(ours, process)
        ours.close()
        self.main, self.helpers = theirs, []
        return None

    def _prepare(self, html, *rest):
        """Styles come now, then boxes: each process goes on with its own chapters."""
        body = html.etree_element.find("body")
        chapters = [] if body is None else list(body)
        place = divided_at(chapters)
        if place:
            helper = self._split()
            self.spare = helper and self._split()
            if self.main and helper:
                helper.connection.close()
                place += self.main.recv()
            ours, theirs = chapters[:place], chapters[place:]
            if self.main:
                ours, theirs = theirs, ours
                self.partner = self.main
            else:
                self.partner, self.helpers, self.left_out = helper, [helper], theirs
            body[:] = ours
            if self.main and not self.together:
                self._wait_for_yes()
        context = self.prepare(html, *rest)
        if place:
            for name in (row.get("id") for chapter in theirs for row in chapter.iter()):
                if name:
                    context.target_collector.target_lookup_items[name] = target_elsewhere()
            self.prepare = partial(self.prepare, html, *rest)
        return context

    def _make_all_pages(self, context, root_box, html, pages):
        """WeasyPrint asks again as long as page numbers in the text change. Both processes go through the same rounds."""
        if self.partner and not pages:
            self._begin(context)
        made = list(self.make_all_pages(context, root_box, html, pages))
        if self.left_out:
            made = self._kept_or_continued(context, root_box, html, made)
        if self.main and self.together and not pages:
            self._wait_for_yes()
        while self.partner:
            self.rounds += 1
            self._tell_and_hear(context, len(made))
            changes = [row[-1] for row in context.page_maker if row[-1]["content_changed"]]
            if self.rounds >= ROUNDS:
                for row in changes:
                    row["content_changed"] = False
                changes = []
            if not self._swap(bool(changes)) or changes:
                break
        return made

    def _begin(self, context):
        """Pages are counted on from those before, of which a helper doesn't know yet how many there are."""
        _quotes, counters, scopes, _groups = context.page_maker[0][3]
        counters["page"] = [0]
        scopes[-1].add("page")

    def _kept_or_continued(self, context, root_box, html, made: list) -> list:
        """The pages as they are if the helper's chapters may begin a page; else more, made from the last one on, up to the
        chapters of the spare helper, or all."""
        while self.left_out:
            chapters, self.left_out = self.left_out, []
            if filled(made[-1]) >= FULL_ENOUGH:
                self.partner.send(True)
                break
            self.partner.end()
            self.partner, self.helpers = None, []
            place = divided_at(chapters) if self.spare else None
            if place:
                self.spare.send(place)
                self.partner, self.helpers, self.left_out = self.spare, [self.spare], chapters[place:]
                self.spare = None
            body_of(root_box).children += self._boxes_of(chapters[:place], context, html)
            context.page_maker[len(made) - 1][-1]["content_changed"] = True
            made = list(self.make_all_pages(context, root_box, html, made))
            for row in context.page_maker:
                row[-1]["content_changed"] |= bool(row[-1]["content_lookups"])  # looked up when their pages were not there
        if self.spare:
            self.spare.end()
            self.spare = None
        return made

    def _boxes_of(self, chapters: list[Element], context, html) -> tuple:
        """Boxes of more chapters of the body, for a layout that has begun."""
        html.etree_element.find("body")[:] = chapters
        collector, more = context.target_collector, self.prepare()
        collector.collecting = True
        collector.target_lookup_items |= more.target_collector.target_lookup_items
        root_box = document.build_formatting_structure(
            html.etree_element, more.style_for, more.get_image_from_uri, html.base_url, collector, context.counter_style,
            context.footnotes,
        )  # fmt: skip
        return tuple(body_of(root_box).children)

    def _wait_for_yes(self):
        """A helper whose chapters may not begin a page is ended instead."""
        self.main.recv()

    def _tell_and_hear(self, context, pages: int):
        """Learn the page numbers of the partner's part, and from them those of one's own."""
        collector = context.target_collector
        own = {n: row for n, row in collector.target_lookup_items.items() if (row.page_maker_index or 0) >= 0 and _page_of(row)}
        others, found = self._swap((pages, {name: _page_of(row) - self.pages_before for name, row in own.items()}))
        self.pages_in_all, self.elsewhere = pages + others, found
        more = others - self.pages_before if self.main else 0
        self.pages_before += more
        if more:
            for row in context.page_maker:
                row[3][1]["page"][-1] += more
        for name, row in own.items():
            values = row.cached_page_counter_values
            moved = values | {"page": [_page_of(row) + more]}
            collector.cache_target_page_counters(name, moved, row.page_maker_index, context.page_maker)
        for name, page in found.items():
            number = page if self.main else pages + page
            collector.cache_target_page_counters(name, {"page": [number]}, -1, context.page_maker)

    def _swap(self, words):
        """One sends while the other listens: two long messages at once would wait for each other."""
        if self.main:
            self.main.send(words)
            return self.main.recv()
        heard = self.partner.recv()
        self.partner.send(words)
        return heard

    def _make_margin_boxes(self, context, page, state):
        """Running heads and feet come when the layout of a part is settled."""
        if context.current_page == 1 and self.partner:
            self._settle(context)
        if self.pages_in_all:
            state[1]["pages"] = [self.pages_in_all]
        return self.make_margin_boxes(context, page, state)

    def _settle(self, context):
        if self.main:
            for name, text in self.main.recv().items():
                context.string_set[name].setdefault(1, [text])
        else:
            self.partner.send({name: texts[max(texts)][-1] for name, texts in context.string_set.items() if texts})
            if not self.together:
                self.partner.hear_it_has_drawn()

    def _generate(self, rendered: Document, *rest, **options):
        if not self.main and len(rendered.pages) >= WORTH_PAGES:
            place = int(SHARE_PAGES * len(rendered.pages))
            self.elsewhere = {*self.elsewhere, *(name for page in rendered.pages for name in page.anchors)}
            helpers, helper = self.helpers, self._split()
            if helper:
                rendered.pages, self.helpers = rendered.pages[:place], [helper, *helpers]
                if not self.together:
                    helper.hear_it_has_drawn()
            else:
                rendered.pages = rendered.pages[place:]
        return self.generate(rendered, *rest, **options)

    def _resolve_links(self, pages):
        return self.resolve_links([*pages, Stub(anchors=dict.fromkeys(self.elsewhere, NOWHERE))])

    def _build_fonts(self, file, fonts, *options):
        """Only the main process embeds fonts, unless it has no use for one."""
        if self.main:
            self.fonts, self.font_options = pydyf.Dictionary(), options
            return self.fonts
        known = {font.hash for font in fonts.values()}
        self.made = [helper.hand_over(known) for helper in self.helpers]
        for font in fonts.values():
            for made in self.made:
                texts, widths = made.glyphs.get(font.hash, ({}, {}))
                font.to_unicode, font.widths = texts | font.to_unicode, widths | font.widths
        self.fonts = self.build_fonts(file, fonts, *options)
        return self.fonts

    def _hand_over(self, rendered: Document, file: pydyf.PDF):
        file.objects[:] = [packed(row) if isinstance(row, pydyf.Stream) else row for row in file.objects]
        self.main.send(True)
        known, glyphs = self.main.recv(), {}
        for font in rendered.fonts.values():
            texts, widths = glyphs.setdefault(font.hash, ({}, {}))
            texts.update(font.to_unicode)
            widths.update(font.widths)
        unknown = {key: font for key, font in rendered.fonts.items() if font.hash not in known}
        self.fonts.update(self.build_fonts(file, unknown, *self.font_options))
        self.main.send(
            Made(
                objects=file.objects,
                pages=file.pages["Kids"][::3],
                stubs=[Stub(bookmarks=page.bookmarks, height=page.height) for page in rendered.pages],
                structure=number_of(file.catalog["StructTreeRoot"]),
                fonts=self.fonts.number,
                glyphs=glyphs,
                names=file.catalog.get("Names", {}).get("Dests", {}).get("Names", []),
            )
        )
        os._exit(0)


def _page_of(row) -> int:
    """The page of a target, as it is known so far; 0: not at all."""
    return row.cached_page_counter_values.get("page", [0])[-1]


def divided_at(chapters: Sequence[Element]) -> int | None:
    """Which of the body's elements is the first of the second part; None: not worth it."""
    sizes = [sum(1 for _ in chapter.iter()) for chapter in chapters]
    total, before, places = sum(sizes), 0, {}
    if total < WORTH_ELEMENTS:
        return None
    for place, size in enumerate(sizes):
        if 0.2 < before / total < 0.8:
            places[place] = abs(before / total - SHARE_ELEMENTS)
        before += size
    return min(places, key=places.get, default=None)


def target_elsewhere() -> TargetLookupItem:
    """A target in a chapter of another process, whose page will be told."""
    target = TargetLookupItem("up-to-date")
    target.target_box = SimpleNamespace(cached_counter_values={})
    return target


def body_of(root_box):
    return next(box for box in root_box.children if box.element_tag == "body")


def filled(page) -> float:
    """How much of the page's height its text takes, 0 to 1."""
    root = page.children[0]
    return (root.position_y + root.margin_height() - page.content_box_y()) / page.height


def join(file: pydyf.PDF, made: Made, fonts: pydyf.Dictionary, prefix: str):
    """Put a helper's pages, structure, targets and fonts behind those of ``file``; ``prefix``: to names of its header cells."""
    root, their_root = file.objects[number_of(file.catalog["StructTreeRoot"])], made.objects[made.structure]
    body, their_body = file.objects[number_of(root["K"][0])], made.objects[number_of(their_root["K"][0])]
    adopted = Adopted(file, made.objects, {file.pages.number: file.pages, made.structure: root, their_body.number: body})
    before, links = len(file.pages["Kids"]) // 3, sum("StructParent" in row for row in file.objects if isinstance(row, dict))
    for row in file.objects:
        if isinstance(row, dict) and "StructParent" in row:
            row["StructParent"] += len(made.pages)
    for row in made.objects:
        if isinstance(row, dict):
            row.update({key: row[key] + before + links * (key == "StructParent") for key in PARENTS & row.keys()})
            if "ID" in row:
                row["ID"].string = prefix + row["ID"].string
    for number in made.pages:
        file.pages["Kids"].extend([number_of(adopted(made.objects[number].reference)), 0, "R"])
        file.pages["Count"] += 1
    body["K"].extend(adopted(their_body["K"]))
    ours = file.objects[number_of(root["ParentTree"])]["Nums"]
    theirs = adopted(made.objects[number_of(their_root["ParentTree"])]["Nums"][1::2])
    rows = [*ours[1 : 2 * before : 2], *theirs[: len(made.pages)], *ours[2 * before + 1 :: 2], *theirs[len(made.pages) :]]
    ours[:] = [entry for pair in enumerate(rows) for entry in pair]
    if made.names:
        _join_names(file, adopted(made.names))
    adopted.rest()
    made.objects[made.fonts].update(fonts)


def _join_names(file: pydyf.PDF, theirs: list):
    tree = file.catalog.setdefault("Names", pydyf.Dictionary()).setdefault("Dests", pydyf.Dictionary({"Names": pydyf.Array()}))
    names = [*tree["Names"], *theirs]
    pairs = sorted(zip(names[::2], names[1::2], strict=True), key=lambda pair: pair[0].string)
    tree["Names"] = pydyf.Array(entry for pair in pairs for entry in pair)


class Adopted:
    """Objects of another PDF in this one: with new numbers, and with all that they refer to.

    ``same``: number there -> object here that takes its place.
    """

    def __init__(self, file: pydyf.PDF, objects: list[pydyf.Object], same: dict[int, pydyf.Object]):
        self.file, self.objects, self.left = file, objects, []
        self.references = {number: row.reference for number, row in same.items()}

    def __call__(self, value):
        """A value with its references changed in place; what they lead to waits for ``rest``."""
        if isinstance(value, bytes):
            return self._reference(number_of(value)) if value.endswith(b" R") else value
        if isinstance(value, dict):
            for key, entry in value.items():
                value[key] = self(entry)
        elif isinstance(value, list):
            value[:] = [self(entry) for entry in value]
        return value

    def _reference(self, number: int) -> bytes:
        if number not in self.references:
            row = self.objects[number]
            self.file.add_object(row)
            self.references[number] = row.reference
            self.left.append(row)
        return self.references[number]

    def rest(self):
        while self.left:
            row = self.left.pop()
            self(row.extra if isinstance(row, pydyf.Stream) else row)


class Packed(pydyf.Object):
    """An object as the bytes that will be written: pydyf works them out twice, for the file and for its hash."""

    def __init__(self, row: pydyf.Object):
        super().__init__()
        self.number, self.bytes = row.number, row.data

    @property
    def data(self) -> bytes:
        return self.bytes


def packed(row: pydyf.Object) -> pydyf.Object:
    """The same, worked out; a stream stays one, free of what can't be sent to another process."""
    if not isinstance(row, pydyf.Stream):
        return Packed(row)
    plain = pydyf.Stream([b"\n".join(pydyf._to_bytes(entry) for entry in row.stream)], pydyf.Dictionary(row.extra))
    plain.number = row.number
    if row.compress:
        plain.stream = [zlib.compress(plain.stream[0], 9)]
        plain.extra["Filter"] = "/FlateDecode"
    return plain


def number_of(reference: bytes) -> int:
    return int(reference.split()[0])
