"""The recipe of the embedded model, in PyTorch (extra ``[train]``)."""
