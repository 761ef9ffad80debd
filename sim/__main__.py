"""`critmin` and `python -m sim`: from the first line on, Ctrl-C and a call to end leave one word and no trace.

Whatever takes time to load is loaded inside `main`, so that it can be stopped as everything else.
"""

import os
import sys


def main() -> None:
    """Run the command line, and end with its exit code."""
    try:
        import signal

        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)
        # The models of scenarios take none, and looking for some in all that is installed takes time.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        from sim.commands.cli import main as run_command
        from sim.system import stopping
    except KeyboardInterrupt:
        _leave(2)
    try:
        try:
            stopping.heed_signals()
            run_command()
        finally:
            stopping.heed_no_more()
    except KeyboardInterrupt:
        stopping.end()


def _leave(number: int, _: object = None) -> None:
    """Nothing was begun yet; an exception inside of an import could take any shape."""
    sys.stderr.write("stopped\n")
    sys.stderr.flush()
    os._exit(128 + number)


if __name__ == "__main__":
    main()
