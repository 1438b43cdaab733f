#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| matrix_api_tests::fuzz::run("well_known", data));
