//! How large a canvas is, in the units it draws in.

use leptos::html::ElementType;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// The size of a drawing in sixteenths of a rem, and how many device pixels such a unit takes.
///
/// Drawn in raw pixels, a picture would stay small where the text around it grows: on large
/// screens, on zoomed pages, and for readers who chose a larger font.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    /// Width in units.
    pub width: f64,
    /// Height in units.
    pub height: f64,
    /// Device pixels per unit.
    pub scale: f64,
    /// CSS pixels per unit.
    pub unit: f64,
}

impl Extent {
    /// Whether there is room for anything at all: a hidden canvas has none.
    pub fn is_visible(self) -> bool {
        self.width >= 40.0 && self.height >= 30.0
    }

    /// Measures `element`.
    fn of(element: &Element) -> Self {
        let unit = root_font_size() / 16.0;
        let scale = window().device_pixel_ratio() * unit;
        Self {
            width: f64::from(element.client_width()) / unit,
            height: f64::from(element.client_height()) / unit,
            scale,
            unit,
        }
    }
}

/// The font size of the page in CSS pixels.
fn root_font_size() -> f64 {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    style
        .and_then(|style| style.get_property_value("font-size").ok())
        .and_then(|size| size.trim_end_matches("px").parse().ok())
        .unwrap_or(16.0)
}

/// An observer that stops when it is dropped.
struct Watch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The extent of an element, kept up to date by a `ResizeObserver` and by `epoch`, which changes
/// with the root font size.
///
/// Asking an element for its size on every frame would force a layout on every frame.
pub fn use_extent<E>(node: NodeRef<E>, epoch: RwSignal<u32>) -> ReadSignal<Extent>
where
    E: ElementType,
    E::Output: wasm_bindgen::JsCast + AsRef<Element> + Clone + 'static,
{
    let (extent, set_extent) = signal(Extent::default());
    let measure = move || {
        if let Some(element) = node.get_untracked() {
            let new = Extent::of(element.as_ref());
            if new != extent.get_untracked() {
                set_extent.set(new);
            }
        }
    };
    let watch = StoredValue::new_local(None::<Watch>);
    Effect::new(move |_| {
        epoch.track();
        measure();
    });
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let callback = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(element.as_ref());
            watch.set_value(Some(Watch {
                observer,
                _callback: callback,
            }));
        }
    });
    extent
}
