"""Read a YAML file as plain data, without the surprises of YAML.

Only mappings, lists, text, whole numbers, true/false and null come out. ``no``, ``on`` and dates stay text; aliases, tags,
merge keys and doubled keys are refused.
"""

import re
from pathlib import Path

import yaml

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class BadYaml(Exception):
    """The file is not YAML of the plain kind; the message names the line."""


def read_yaml(path: Path):
    """The data in ``path``; raises BadYaml with the line number when the file is not plain YAML."""
    raw = path.read_bytes()
    if len(raw) > MAX_BYTES:
        raise BadYaml(f"larger than {MAX_BYTES} bytes")
    try:
        events = yaml.parse(raw.decode("utf-8"), Loader=yaml.CSafeLoader)
        return _Builder(events).document()
    except UnicodeDecodeError as error:
        raise BadYaml("not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        raise BadYaml(f"line {error.problem_mark.line + 1}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BadYaml(str(error)) from error


class _Builder:
    def __init__(self, events):
        self.events = events

    def document(self):
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                return self.node(next(self.events), depth=0)
        raise BadYaml("empty file")

    def node(self, event, depth):
        self._refuse(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style else _plain(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._sequence(depth + 1))
        return self._mapping(depth + 1)

    def _sequence(self, depth):
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, depth)

    def _mapping(self, depth):
        result = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth)
            if not isinstance(key, (str, int)):
                raise BadYaml(f"line {_line(event)}: a key must be a word")
            if key in result:
                raise BadYaml(f"line {_line(event)}: the key {key!r} stands twice")
            result[key] = self.node(next(self.events), depth)
        return result

    def _refuse(self, event, depth):
        if depth > MAX_DEPTH:
            raise BadYaml(f"line {_line(event)}: nested deeper than {MAX_DEPTH}")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadYaml(f"line {_line(event)}: anchors and aliases are not allowed")
        if getattr(event, "tag", None):
            raise BadYaml(f"line {_line(event)}: tags are not allowed")


def _plain(value):
    if value in WORDS:
        return WORDS[value]
    return int(value) if WHOLE_NUMBER.fullmatch(value) else value


def _line(event):
    return event.start_mark.line + 1
