"""Which capability items an imported clause may support, for a person to accept or not.

Character n-grams (2-4) weighed by TF-IDF, compared by cosine: no word segmentation is needed for Chinese, and the terms
that matched can be shown. scikit-learn does the arithmetic; it is imported only where documents are imported.
"""

from collections.abc import Sequence

from questionnaires.schema import CapabilityItem, Suggestion

MOST = 3
LEAST_LIKENESS = 0.05
MOST_TERMS = 5


def suggest(texts: Sequence[str], items: Sequence[CapabilityItem]) -> list[tuple[Suggestion, ...]]:
    """For each text the items most like it, best first; none where nothing is alike enough."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - takes a second and 80 MB

    if not texts:
        return []
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, max_df=0.5)
    described = vectorizer.fit_transform([_description(item) for item in items])
    asked = vectorizer.transform(texts)
    names = vectorizer.get_feature_names_out()
    likeness = (asked @ described.T).toarray()
    return [
        tuple(
            Suggestion(
                uid=items[column].uid,
                score=f"{likeness[row][column]:.2f}",
                terms=_terms(asked[row].multiply(described[column]).tocoo(), names),
            )
            for column in likeness[row].argsort()[::-1][:MOST]
            if likeness[row][column] >= LEAST_LIKENESS
        )
        for row in range(len(texts))
    ]


def _description(item: CapabilityItem) -> str:
    words = [item.name.zh] * 3 + [item.purpose.zh, item.scope.zh]
    return "\n".join(words + [criterion.text.zh for criterion in item.criteria])


def _terms(shared, names) -> tuple[str, ...]:
    """The n-grams that weigh most, without those that are part of a chosen one."""
    chosen: list[str] = []
    for place in sorted(range(shared.nnz), key=lambda n: (-len(names[shared.col[n]]), -shared.data[n])):
        term = names[shared.col[place]].strip()
        if len(term) > 1 and not any(term in longer for longer in chosen):
            chosen.append(term)
    return tuple(chosen[:MOST_TERMS])
