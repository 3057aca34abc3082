//! The page's entry point: everything is in the library, so that tests can mount it too.

fn main() {
    quorate_web::start();
}
