#!/usr/bin/env bash
# Runs every notebook through Jupyter's own client in the pinned .NET Interactive kernel, compares each output with the
# one that `workbook run` wrote on this machine, and restarts and interrupts a kernel in mid-training.
#   tests/jupyter/run-jupyter.sh [NAME...]     notebooks by the start of their name, such as 02 or solutions/02; none for all
# Needs jupyter-nbconvert and python3-ipykernel. The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.."
export DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

out=$PWD/data/out/jupyter embedded=$PWD/data/out/phantom/notebooks
passed=0 failed=0
ok() { passed=$((passed + 1)); echo "ok    $*"; }
bad() { failed=$((failed + 1)); echo "FAIL  $*"; }
finish() { echo "$passed passed, $failed failed"; exit $((failed > 0)); }

rm -rf "$out"
mkdir -p "$out/kernels" "$out/solutions"
notebooks=()
shopt -s nullglob
for file in notebooks/*.ipynb notebooks/solutions/*.ipynb; do
    name=${file#notebooks/} name=${name%.ipynb}
    [ $# -eq 0 ] && notebooks+=("$name")
    for wanted; do [[ $name == "$wanted"* ]] && notebooks+=("$name"); done
done

if ! dotnet tool restore || ! dotnet tool run dotnet-interactive jupyter install --path "$out/kernels"; then
    bad "the kernel of .config/dotnet-tools.json installs"
    finish
fi
export JUPYTER_PATH=$out
ok "the kernel of .config/dotnet-tools.json installs"

if dotnet run -c Release --project workbook -- run "${notebooks[@]}"; then
    ok "workbook run"
else
    bad "workbook run"
    finish
fi

for name in "${notebooks[@]}"; do
    if (cd "notebooks/$(dirname "$name")" && jupyter nbconvert --to notebook --execute "${name##*/}.ipynb" \
            --output-dir "$(dirname "$out/$name")" \
            --ExecutePreprocessor.timeout=-1 --log-level=WARN) >"$out/$name.log" 2>&1; then
        ok "$name: jupyter nbconvert --execute"
    else
        tail -40 "$out/$name.log"
        bad "$name: jupyter nbconvert --execute"
    fi
    if /usr/bin/python3 tests/jupyter/compare.py "$embedded/$name.ipynb" "$out/$name.ipynb"; then
        ok "$name: outputs as in workbook run"
    else
        bad "$name: outputs as in workbook run"
    fi
done

if /usr/bin/python3 tests/jupyter/stop_and_go.py; then
    ok "a kernel restarted or interrupted in mid-training resumes"
else
    bad "a kernel restarted or interrupted in mid-training resumes"
fi
finish
