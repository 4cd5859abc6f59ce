"""The classes of the maker keras_hub_bert: a package's, which defines them when it is imported."""

from keras_hub.models import BertBackbone, BertTextClassifier

__all__ = ["BertBackbone", "BertTextClassifier"]
