//! From the parser's events to trees.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{Node, Place, Value, YamlFault};

const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 20_000;

/// The documents of a file, those that are empty left out.
pub(in crate::cloud) fn documents(text: &str) -> Result<Vec<Node>, (Place, YamlFault)> {
    if text.len() > MAX_BYTES {
        return Err((Place { line: 1, column: 1 }, YamlFault::TooLong));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            (
                place(*error.marker()),
                YamlFault::Syntax(error.info().into()),
            )
        })?;
        let at = place(span.start);
        builder.take(event, at).map_err(|fault| (at, fault))?;
    }
    Ok(builder.documents)
}

fn place(marker: Marker) -> Place {
    Place {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

/// A collection whose end has not come yet.
struct Open {
    node: Node,
    anchor: usize,
    /// In a mapping: the name whose value comes next.
    name: Option<String>,
}

#[derive(Default)]
struct Builder {
    /// From the outside in.
    open: Vec<Open>,
    /// Values that aliases may repeat, with how many values each is.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    documents: Vec<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<(), YamlFault> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let node = Node {
                    place,
                    value: scalar(&text, style),
                };
                self.count(1)?;
                self.close(node, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                self.begin(Value::Sequence(Vec::new()), place, anchor)
            }
            Event::MappingStart(anchor, _) => self.begin(Value::Mapping(Vec::new()), place, anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { node, anchor, .. }) => self.close(node, anchor),
                None => Ok(()),
            },
            Event::Alias(anchor) => self.repeat(anchor, place),
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => Ok(()),
        }
    }

    fn begin(&mut self, value: Value, place: Place, anchor: usize) -> Result<(), YamlFault> {
        self.count(1)?;
        if self.open.len() == MAX_DEPTH {
            return Err(YamlFault::TooDeep);
        }
        self.open.push(Open {
            node: Node { place, value },
            anchor,
            name: None,
        });
        Ok(())
    }

    /// The value that `anchor` names, once more. It keeps the place where it was written.
    fn repeat(&mut self, anchor: usize, place: Place) -> Result<(), YamlFault> {
        let (node, size) = self.anchors.get(&anchor).cloned().unwrap_or((
            Node {
                place,
                value: Value::Null,
            },
            1,
        ));
        self.count(size)?;
        if self.open.len() + depth(&node) > MAX_DEPTH {
            return Err(YamlFault::TooDeep);
        }
        self.close(node, 0)
    }

    /// Puts a finished value where it belongs.
    fn close(&mut self, node: Node, anchor: usize) -> Result<(), YamlFault> {
        if anchor != 0 {
            let size = size(&node);
            // The copy for later aliases is as much memory as the value.
            self.count(size)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(parent) = self.open.last_mut() else {
            if !matches!(node.value, Value::Null) {
                self.documents.push(node);
            }
            return Ok(());
        };
        match (&mut parent.node.value, parent.name.take()) {
            (Value::Sequence(items), _) => items.push(node),
            (Value::Mapping(fields), Some(name)) => fields.push((name, node)),
            (Value::Mapping(fields), None) => {
                let Value::Scalar(name) = node.value else {
                    return Err(YamlFault::NameNotText);
                };
                if fields.iter().any(|(known, _)| *known == name) {
                    return Err(YamlFault::Twice(name));
                }
                parent.name = Some(name);
            }
            (Value::Null | Value::Scalar(_), _) => {}
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize) -> Result<(), YamlFault> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(YamlFault::TooMany);
        }
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let plain = matches!(style, ScalarStyle::Plain);
    if plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    Value::Scalar(text.to_owned())
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Null | Value::Scalar(_) => 0,
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(fields) => fields.iter().map(|(_, node)| 1 + size(node)).sum(),
    }
}

fn depth(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Scalar(_) => 0,
        Value::Sequence(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Mapping(fields) => {
            1 + fields
                .iter()
                .map(|(_, node)| depth(node))
                .max()
                .unwrap_or(0)
        }
    }
}
