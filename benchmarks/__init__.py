"""What Jupyter Live costs and how fast it is, beside its peers. See README.md in this folder."""
