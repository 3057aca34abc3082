//! How wide an element is, in rem, so that what is drawn into it grows with the page's type.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// Pixels per rem at a text size of 100 %: the unit of everything that is drawn.
pub const UNITS_PER_REM: f64 = 16.0;

/// The inner width of an element in rem, as long as the caller's owner lives; zero until the
/// element is in the document.
pub fn observed(element: impl Fn() -> Option<Element> + 'static) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    let observer = StoredValue::new_local(None::<ResizeObserver>);
    Effect::new(move |_| {
        let Some(element) = element() else { return };
        let target = element.clone();
        let measure = Closure::<dyn Fn()>::new(move || {
            let rem = f64::from(target.client_width()) / root_font_size();
            if (width.get_untracked() - rem).abs() > f64::EPSILON {
                width.set(rem);
            }
        });
        // Every browser that runs wasm has it.
        let Ok(created) = ResizeObserver::new(measure.as_ref().unchecked_ref()) else {
            return;
        };
        created.observe(&element);
        measure.forget();
        observer.set_value(Some(created));
    });
    on_cleanup(move || {
        observer.try_with_value(|observer| observer.as_ref().map(ResizeObserver::disconnect));
    });
    width
}

fn root_font_size() -> f64 {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    size.and_then(|size| size.trim_end_matches("px").parse().ok())
        .unwrap_or(UNITS_PER_REM)
}
