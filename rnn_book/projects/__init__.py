"""Projects that use all of the book: a model that writes, and tomorrow's temperature."""
