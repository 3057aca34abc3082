//! Images of version 2, as the last program wrote them that wrote it. Its other frames are of today.

use quorate::crdt::Store;

use super::corpus::{store_after_a_close, stores};

const IMAGE: &[u8] = include_bytes!("fixtures/v2-image.bin");
const CLOSED: &[u8] = include_bytes!("fixtures/v2-image-closed.bin");

#[test]
fn an_image_is_read_as_that_of_an_id_in_use() {
    let [store, _] = stores();
    for (bytes, store) in [(IMAGE, store), (CLOSED, store_after_a_close())] {
        assert_eq!(bytes[3], 2);
        let read = Store::decode(bytes).unwrap();
        assert_eq!(read, store);
        assert!(!read.is_superseded());
        assert_eq!(read.encode(), store.encode(), "written anew as of today");
    }
}

#[test]
fn damage_is_refused() {
    for good in [IMAGE, CLOSED] {
        for len in 0..good.len() {
            assert!(Store::decode(&good[..len]).is_err(), "cut to {len}");
        }
        for bit in 0..good.len() * 8 {
            let mut bad = good.to_vec();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Store::decode(&bad).is_err(), "bit {bit}");
        }
    }
}
