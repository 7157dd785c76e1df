#!/bin/sh
# Builds the fuzz target the way ClusterFuzzLite and OSS-Fuzz ask for it: their $CC, $CFLAGS and
# $LIB_FUZZING_ENGINE, the program and its seed corpus into $OUT.
# https://google.github.io/clusterfuzzlite/build-integration/
set -eu

make -f tools/mk/fuzz.mk fuzz-image ENGINE=libfuzzer CC="$CC" SANITISE="$CFLAGS" \
    LINK_ENGINE="$LIB_FUZZING_ENGINE"
cp build/fuzz/libfuzzer/fuzz "$OUT/kernel_calls"
python3 tests/fuzz/seeds.py build/fuzz/seeds
zip -q -j "$OUT/kernel_calls_seed_corpus.zip" tests/fuzz/corpus/* build/fuzz/seeds/*
printf '[libfuzzer]\nmax_len = 1000\nlen_control = 0\n' >"$OUT/kernel_calls.options"
