"""The command line: `cli` has the commands, `asked` what is said of one that is not there."""
