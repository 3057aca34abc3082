//! Writes the corpus anew, for a format that changed on purpose.
//!
//! `QUORATE_WRITE_CORPUS=1 cargo test -p quorate --test codec`. Bytes that were released stay: they
//! become a fixture of their version.

use std::path::Path;
use std::{env, fs};

use super::corpus::samples;

#[test]
fn the_corpus_is_complete_or_written_when_asked() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codec/fixtures");
    for sample in samples() {
        let file = folder.join(sample.name).with_extension("bin");
        if env::var_os("QUORATE_WRITE_CORPUS").is_some() {
            fs::write(&file, &sample.bytes).unwrap();
        }
        assert!(file.exists(), "{}", file.display());
    }
}
