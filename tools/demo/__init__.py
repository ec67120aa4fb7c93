"""The demo generator: an invented shop's raw files, in the format of the input contract. See docs/demo.md."""
