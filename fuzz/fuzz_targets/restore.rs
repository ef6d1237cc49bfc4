#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| prevalent_fuzz::directory::restore(bytes));
