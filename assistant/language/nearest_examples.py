"""The training examples nearest to a text, without looking at all of them.

Comparing a text with every example takes longer than encoding it. The examples are therefore
grouped round centres (k-means), and only the groups whose centres are nearest are searched: an
inverted file as in Jégou et al. 2011, doi:10.1109/TPAMI.2010.57, without quantisation.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import MiniBatchKMeans

SEED = 20
# A tenth of the groups holds nineteen in twenty of the five nearest examples, in a trial on
# dev.jsonl that no command repeats.
GROUPS = 256
SEARCHED = 24
# So few examples are compared one by one.
FEW = 4000


@dataclass(frozen=True)
class NearestExamples:
    """Examples in groups.

    Attributes:
        centres: (groups, dimensions), L2-normalised.
        starts: (groups + 1,) row of `examples` at which each group starts.
        examples: (n, dimensions) embeddings, L2-normalised, group by group.
        labels: (n,) index of each example's label.
    """

    centres: np.ndarray
    starts: np.ndarray
    examples: np.ndarray
    labels: np.ndarray

    def find(self, embedding: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns cosines and labels, each (count,) in no order, of the nearest examples.

        Args:
            embedding: (dimensions,), L2-normalised.
            count: how many; fewer come back only if there are fewer.
        """
        groups = self._groups(embedding)
        cosines = np.concatenate([self.examples[start:end] @ embedding for start, end in groups])
        labels = np.concatenate([self.labels[start:end] for start, end in groups])
        if len(cosines) <= count:
            return cosines, labels
        best = np.argpartition(cosines, -count)[-count:]
        return cosines[best], labels[best]

    def _groups(self, embedding: np.ndarray) -> list[tuple[int, int]]:
        if len(self.centres) <= SEARCHED:
            return [(0, len(self.examples))]
        nearest = np.argpartition(self.centres @ embedding, -SEARCHED)[-SEARCHED:]
        return [(int(self.starts[group]), int(self.starts[group + 1])) for group in nearest.tolist()]


def group_examples(embeddings: np.ndarray, labels: np.ndarray) -> NearestExamples:
    """Returns the examples in groups; always the same for the same examples.

    Args:
        embeddings: (n, dimensions), L2-normalised.
        labels: (n,) index of each example's label.
    """
    embeddings = np.ascontiguousarray(embeddings, dtype=np.float32)
    if len(embeddings) < FEW:
        centres, group = embeddings[:1], np.zeros(len(embeddings), dtype=np.int64)
    else:
        means = MiniBatchKMeans(GROUPS, random_state=SEED, batch_size=4096, n_init=1, max_iter=20)
        centres = means.fit(embeddings).cluster_centers_.astype(np.float32)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        group = (embeddings @ centres.T).argmax(axis=1)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(centres) + 1))
    return NearestExamples(centres, starts, embeddings[order], labels[order].astype(np.int32))
