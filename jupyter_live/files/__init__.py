"""Between a document and its file: load, save when it has been quiet, tell the truth about both."""
