#!/bin/sh
# Runs the contract of the linear algebra and a benchmark on the first CUDA device of this machine,
# and prints a table of products and sketches, on the host and on the device.
#
#   tests/gpu/run.sh [options of mvn]
#
# Ends with 3 on a machine without a device. ND4J's CUDA backend takes 600 MB to fetch, and CUDA
# 11.6 another 1.8 GB where the machine has none.
set -eu

fail() {
  echo "tests/gpu/run.sh: $1" >&2
  exit "$2"
}

command -v nvidia-smi > /dev/null 2>&1 || fail "no GPU here: there is no nvidia-smi" 3
devices=$(nvidia-smi --list-gpus 2> /dev/null) || fail "no GPU here: nvidia-smi finds no driver" 3
[ -n "$devices" ] || fail "no GPU here: nvidia-smi lists none" 3

cd "$(dirname "$0")/../.."
profiles=cuda
if [ ! -e /usr/local/cuda-11.6/lib64/libcublas.so.11 ]; then
  profiles=cuda,cuda-redist
fi

# Devices in the order of nvidia-smi, one thread for the host, and no shorter numbers inside cuBLAS.
export CUDA_DEVICE_ORDER=PCI_BUS_ID OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NVIDIA_TF32_OVERRIDE=0

echo "$devices"
echo "contract:"
mvn -q -P "$profiles" -pl incremental-svd -am test dependency:build-classpath \
  -Dtest='*LinearAlgebra*Test,DeviceBackendTest,BackendsAgreePropertyTest' \
  -Dsurefire.failIfNoSpecifiedTests=false -Dmdep.outputFile=target/classpath "$@" \
  || fail "the contract suite failed; see incremental-svd/target/surefire-reports" 1
grep -h "Tests run" incremental-svd/target/surefire-reports/*linalg*.txt

echo
# shellcheck disable=SC2086 # JAVA_OPTS is a list.
exec java -Xmx4g -Dorg.bytedeco.javacpp.maxphysicalbytes=0 ${JAVA_OPTS:-} \
  -cp "incremental-svd/target/test-classes:incremental-svd/target/classes:$(cat incremental-svd/target/classpath)" \
  io.github.colonnade.svd.linalg.DeviceBenchmark
