#!/usr/bin/env bash
# Tries "workbook sweep LIST --slurm" against a real Slurm on this one machine. Opt-in: no test calls it.
#
#   apt-get install slurm-wlm munge            # Debian, Ubuntu
#   dotnet build -c Release workbook
#   sudo tests/slurm/try-slurm.sh [LIST]       # LIST at phantom scale, table2 unless given; a few minutes
#
# It starts a munge, a controller and one node of its own in a temporary folder, on ports of their own, and ends them.
# It submits the first task twice at once, so that two tasks want one run; tells them to end once it has an epoch;
# submits the whole array; and checks that every run is there, that each was begun once, that one of the two tasks left
# the run to the other, that the ended run was resumed, and that it has the bits of a run that was never ended.
set -euo pipefail
list=${1:-table2}
cd "$(dirname "$0")/../.."
for program in munged slurmctld slurmd sbatch scancel squeue dotnet; do
    command -v "$program" > /dev/null || { echo "$program is missing: apt-get install slurm-wlm munge"; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "slurmctld and slurmd are started as root here: run it with sudo."; exit 1; }
[ -f workbook/bin/workbook.dll ] || { echo "Build first: dotnet build -c Release workbook"; exit 1; }

work=$(mktemp -d)
chmod 755 "$work"
pids=()
finish() {
    status=$?
    if scancel --user=root 2> /dev/null; then sleep 2; fi
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
    wait 2> /dev/null || true
    if [ "$status" = 0 ]; then rm -rf "$work"; else echo "failed; everything is kept in $work"; fi
}
trap finish EXIT
trap 'exit 130' INT TERM

host=$(hostname -s)
mkdir -p "$work/state" "$work/spool"
(umask 077; head -c 1024 /dev/urandom > "$work/munge.key")
cat > "$work/slurm.conf" <<END
ClusterName=try
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
KillWait=30
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(($(nproc) > 1 ? $(nproc) : 2)) RealMemory=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) / 1024 - 512)) State=UNKNOWN
PartitionName=try Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$work/slurm.conf"

munged --foreground --force --key-file "$work/munge.key" --socket "$work/munge.socket" --pid-file "$work/munge.pid" \
    --log-file "$work/munge.log" --seed-file "$work/munge.seed" > "$work/munged.out" 2>&1 & pids+=($!)
sleep 1
slurmctld -D > "$work/slurmctld.log" 2>&1 & pids+=($!)
slurmd -D -N "$host" > "$work/slurmd.log" 2>&1 & pids+=($!)
for _ in $(seq 30); do
    sinfo --noheader --format=%T 2> /dev/null | grep -q idle && break
    sleep 1
done
sinfo --noheader --format=%T | grep -q idle || { echo "the node did not come up"; tail -5 "$work"/*.log; exit 1; }
sinfo --version

workbook() { dotnet workbook/bin/workbook.dll "$@"; }
queued() { squeue --noheader --array | wc -l; }
wait_for_jobs() { while [ "$(queued)" -gt 0 ]; do sleep 1; done; }
runs="$work/it's a store"
export C2FVL_RUNS="$runs"
job=$(workbook sweep "$list" --scale phantom --slurm | sed -n 's/^sbatch //p')
count=$(sed -n 's/^#SBATCH --array=0-//p' "$job"); count=$((count + 1))
first=$(sed -n "/^runs=(/{n;s|^ *'phantom/||;s|\.json.*||p}" "$job")
echo "$count runs; the first is $first"

one=$(sbatch --parsable --array=0 "$job")
two=$(sbatch --parsable --array=0 "$job")
echo "the first task twice: jobs $one and $two"
until [ -f "$runs/phantom/$first/history.csv" ]; do
    [ "$(queued)" -gt 0 ] || { echo "all tasks ended before the first run had an epoch"; tail -5 "$runs"/slurm/logs/*; exit 1; }
    sleep 0.2
done
scancel --signal=TERM --batch "${one}_0" "${two}_0" 2> /dev/null || true
wait_for_jobs
[ ! -f "$runs/phantom/$first/cases.csv" ] || { echo "the first run was finished before it could be ended"; exit 1; }
left=$(cat "$runs"/slurm/logs/*.log | grep -c "left to that one" || true)
[ "$left" = 1 ] || { echo "$left of the two tasks left the run to the other"; cat "$runs"/slurm/logs/*; exit 1; }
echo "the first run has an epoch and was told to end; the other task had left it alone"

three=$(sbatch --parsable "$job")
echo "the whole array: job $three"
wait_for_jobs
finished=$(find "$runs/phantom" -name cases.csv | wc -l)
echo "$finished of $count runs are finished"
[ "$finished" = "$count" ]
for log in "$runs"/phantom/*/log.txt; do
    [ "$(grep -c 'Z started: ' "$log")" = 1 ] || { echo "begun more than once: $log"; exit 1; }
done
grep -q 'resumed at' "$runs/phantom/$first/log.txt" || { echo "the ended run was not resumed"; cat "$runs/phantom/$first/log.txt"; exit 1; }
echo "each was begun once; the ended one was resumed"

C2FVL_RUNS="$work/unbroken" workbook train --spec "$runs/specs/phantom/$first.json" > "$work/unbroken.log"
cmp "$runs/phantom/$first/best.safetensors" "$work/unbroken/phantom/$first/best.safetensors"
cmp "$runs/phantom/$first/cases.csv" "$work/unbroken/phantom/$first/cases.csv"
echo "its weights and scores have the bits of a run that was never ended"
