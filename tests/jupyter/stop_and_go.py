"""A training cell in the registered kernel: in mid-training the kernel is restarted, and then interrupted, which ends
this kernel under Jupyter; the finished cell is run twice. Each time the cell run again has to end with a whole run."""
import re
import sys
import tempfile
import time

from jupyter_client.manager import KernelManager

EPOCHS = 3
SETUP = """#r "../bin/C2FVL.Lib/C2FVL.Lib.dll"
using C2FVL.Experiments;
RunSpec Spec(int seed) { var spec = Presets.For(Scale.Phantom); return spec with { Seed = seed, Training = spec.Training with { Epochs = %d } }; }
var store = new RunStore("%s/runs", "%s/results");"""
CELL = "Run run = store.GetOrTrain(Spec(%d));\nConsole.WriteLine($\"{run.History.Count} epochs in the history\");"


class Session:
    def __init__(self):
        self.manager = KernelManager(kernel_name=".net-csharp")
        self.manager.start_kernel(cwd="notebooks")
        self.connect()

    def connect(self):
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def restart(self):
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self.connect()

    def interrupt(self):
        self.manager.interrupt_kernel()
        end = time.time() + 60
        while self.manager.is_alive() and time.time() < end:
            time.sleep(0.1)
        self.restart()

    def run(self, code, stop=None):
        """The cell's texts; with stop, that is called at the first progress within an epoch above 1."""
        sent, texts, stopped = self.client.execute(code), [], None
        end = time.time() + 300
        while time.time() < end:
            message = self.client.get_iopub_msg(timeout=120)
            content = message["content"]
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return texts, stopped
            texts.append(content.get("text") or content.get("data", {}).get("text/plain") or content.get("evalue") or "")
            if stop and not stopped and (epoch := re.search(r"epoch ([2-9])/", texts[-1])):
                stopped = epoch.group(1)
                stop()
                return texts, stopped
        raise TimeoutError("the cell did not end within 300 s")


def main():
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        session = Session()

        def check(what, texts):
            said = "".join(texts)
            print(f"      {what}: {'ok' if (fine := f'{EPOCHS} epochs in the history' in said) else 'FAIL ' + said[-600:]}")
            if not fine:
                failures.append(what)

        try:
            session.run(SETUP % (EPOCHS, folder, folder))
            for seed, what, stop in ((1, "restarted", session.restart), (2, "interrupted", session.interrupt)):
                stopped = session.run(CELL % seed, stop)[1]
                if not stopped:
                    failures.append(f"the kernel is {what} in mid-training")
                session.run(SETUP % (EPOCHS, folder, folder))
                check(f"kernel {what} in epoch {stopped}, cell run again", session.run(CELL % seed)[0])
            check("cell run twice", session.run(CELL % 2)[0])
        finally:
            session.client.stop_channels()
            session.manager.shutdown_kernel(now=True)
    for failure in failures:
        print(f"      failed: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
