//! YAML text to a tree of nodes: positions, anchors, merge keys, and limits against bombs.

use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};

use super::environment::MAX_FILE_BYTES;
use super::node::{Content, Entry, Node, is_null};
use super::report::{Position, Report};

/// The deepest nesting, aliases unfolded.
const MAX_DEPTH: usize = 64;
/// The most that a tree may weigh, aliases unfolded: its text, and 64 for each node.
const MAX_WEIGHT: usize = 64 * 1024 * 1024;
const NODE_WEIGHT: usize = 64;

/// Reads one YAML document. None when the text is no YAML; the report then says why.
pub fn parse(text: &str, file: &Arc<str>, report: &mut Report) -> Option<Node> {
    let start = at(file, 1, 0);
    if text.len() > MAX_FILE_BYTES {
        report.fault("too-large", &start, "the file is larger than 10 MiB");
        return None;
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.block_nesting_limit = MAX_DEPTH;
    options.flow_nesting_limit = MAX_DEPTH;
    let mut builder = Builder::new(file.clone(), report);
    for step in Parser::new_from_str_with_options(text, options) {
        let event = match step {
            Ok((event, span)) => builder.take(event, &span),
            Err(error) => {
                let place = at(file, error.marker().line(), error.marker().col());
                builder.not_yaml(&place, &error.info());
                return None;
            }
        };
        if event.is_err() {
            return None;
        }
    }
    let null = Node {
        position: start,
        content: Content::Null,
    };
    Some(builder.root.unwrap_or(null))
}

fn at(file: &Arc<str>, line: usize, column_from_0: usize) -> Position {
    Position {
        file: file.clone(),
        line: line.max(1),
        column: column_from_0.saturating_add(1),
    }
}

/// The report has the fault; reading ends.
struct Stop;

struct Sized {
    node: Node,
    weight: usize,
    depth: usize,
}

enum Key {
    Text(String, Position),
    Merge,
    /// A key that is a list or a map; the report has the fault.
    Complex,
}

enum Kind {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        pending: Option<Key>,
        merged: Vec<Node>,
    },
}

struct Frame {
    position: Position,
    anchor: usize,
    weight: usize,
    depth: usize,
    kind: Kind,
}

struct Builder<'r> {
    file: Arc<str>,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, Sized>,
    weight: usize,
    documents: usize,
    root: Option<Node>,
    report: &'r mut Report,
}

impl<'r> Builder<'r> {
    fn new(file: Arc<str>, report: &'r mut Report) -> Self {
        Self {
            file,
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            weight: 0,
            documents: 0,
            root: None,
            report,
        }
    }

    fn not_yaml(&mut self, place: &Position, reason: &str) {
        let hint = if reason.contains("tab") {
            "indent with spaces"
        } else {
            "check the indentation and the quotes here and in the line above"
        };
        let message = format!("this is not YAML: {reason}");
        self.report.fault_with("not-yaml", place, (message, hint));
    }

    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Stop> {
        let position = at(&self.file, span.start.line(), span.start.col());
        match event {
            Event::DocumentStart(..) => self.document(&position),
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                let quoted = style != ScalarStyle::Plain || is_text;
                self.scalar((text.into_owned(), quoted), anchor, position)
            }
            Event::Alias(id) => self.alias(id, &position),
            Event::SequenceStart(_, anchor, _) => {
                self.open(Kind::List(Vec::new()), anchor, position)
            }
            Event::MappingStart(_, anchor, _) => {
                let kind = Kind::Map {
                    entries: Vec::new(),
                    pending: None,
                    merged: Vec::new(),
                };
                self.open(kind, anchor, position)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => Ok(()),
        }
    }

    fn document(&mut self, position: &Position) -> Result<(), Stop> {
        self.documents = self.documents.saturating_add(1);
        if self.documents > 1 {
            let message = "the file holds more than one document".to_owned();
            let hint = "remove the line `---`, or put the second part into a file of its own and name it under `include`";
            self.report
                .fault_with("several-documents", position, (message, hint));
            return Err(Stop);
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        (text, quoted): (String, bool),
        anchor: usize,
        position: Position,
    ) -> Result<(), Stop> {
        let weight = NODE_WEIGHT.saturating_add(text.len());
        let content = if !quoted && is_null(&text) && !self.wants_key() {
            Content::Null
        } else {
            Content::Scalar {
                text,
                quoted,
                variable: None,
            }
        };
        let node = Node { position, content };
        self.put(
            Sized {
                node,
                weight,
                depth: 1,
            },
            anchor,
        )
    }

    fn wants_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                kind: Kind::Map { pending: None, .. },
                ..
            })
        )
    }

    fn alias(&mut self, id: usize, position: &Position) -> Result<(), Stop> {
        let Some(known) = self.anchors.get(&id) else {
            let message = "this alias stands within its own anchor".to_owned();
            let hint = "an anchor cannot hold itself";
            self.report
                .fault_with("alias-loop", position, (message, hint));
            return Err(Stop);
        };
        let (weight, depth) = (known.weight, known.depth);
        if self.weight.saturating_add(weight) > MAX_WEIGHT {
            return self.too_much(position, "its aliases unfold to more than 64 MiB");
        }
        let node = known.node.clone();
        self.put(
            Sized {
                node,
                weight,
                depth,
            },
            0,
        )
    }

    fn too_much(&mut self, position: &Position, reason: &str) -> Result<(), Stop> {
        self.report.fault(
            "too-large",
            position,
            format!("the file is too large: {reason}"),
        );
        Err(Stop)
    }

    fn open(&mut self, kind: Kind, anchor: usize, position: Position) -> Result<(), Stop> {
        if self.stack.len() >= MAX_DEPTH {
            return self.too_much(&position, "it nests deeper than 64 levels");
        }
        self.stack.push(Frame {
            position,
            anchor,
            weight: NODE_WEIGHT,
            depth: 1,
            kind,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Stop> {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let content = match frame.kind {
            Kind::List(items) => Content::List(items),
            Kind::Map {
                mut entries,
                merged,
                ..
            } => {
                self.merge(&mut entries, merged);
                Content::Map(entries)
            }
        };
        let node = Node {
            position: frame.position,
            content,
        };
        // The children were weighed when they were put.
        self.weight = self.weight.saturating_sub(frame.weight);
        self.put(
            Sized {
                node,
                weight: frame.weight,
                depth: frame.depth,
            },
            frame.anchor,
        )
    }

    fn put(&mut self, sized: Sized, anchor: usize) -> Result<(), Stop> {
        let Sized {
            node,
            weight,
            depth,
        } = sized;
        self.weight = self.weight.saturating_add(weight);
        if self.weight > MAX_WEIGHT {
            return self.too_much(&node.position, "it unfolds to more than 64 MiB");
        }
        if self.stack.len().saturating_add(depth) > MAX_DEPTH.saturating_add(1) {
            return self.too_much(&node.position, "it nests deeper than 64 levels");
        }
        if anchor != 0 {
            let node = node.clone();
            let known = Sized {
                node,
                weight,
                depth,
            };
            self.anchors.insert(anchor, known);
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.weight = frame.weight.saturating_add(weight);
        frame.depth = frame.depth.max(depth.saturating_add(1));
        match &mut frame.kind {
            Kind::List(items) => items.push(node),
            Kind::Map {
                entries,
                pending,
                merged,
            } => match pending.take() {
                None => *pending = Some(key_of(node, self.report)),
                Some(Key::Complex) => {}
                Some(Key::Merge) => merged.push(node),
                Some(Key::Text(key, position)) => {
                    let entry = Entry {
                        key,
                        position,
                        value: node,
                    };
                    add(entries, entry, self.report);
                }
            },
        }
        Ok(())
    }

    /// Adds what `<<` names, where the map does not say otherwise.
    fn merge(&mut self, entries: &mut Vec<Entry>, merged: Vec<Node>) {
        for source in merged {
            let maps = match source.content {
                Content::List(items) => items,
                _ => vec![source],
            };
            for map in maps {
                let Content::Map(more) = map.content else {
                    let message = "`<<` takes a map or a list of maps".to_owned();
                    let hint = "write `<<: *name` with the anchor of a map";
                    self.report
                        .fault_with("merge-key", &map.position, (message, hint));
                    continue;
                };
                for entry in more {
                    if !entries.iter().any(|known| known.key == entry.key) {
                        entries.push(entry);
                    }
                }
            }
        }
    }
}

fn key_of(node: Node, report: &mut Report) -> Key {
    match node.content {
        Content::Scalar { text, quoted, .. } if text == "<<" && !quoted => Key::Merge,
        Content::Scalar { text, .. } => Key::Text(text, node.position),
        Content::Null | Content::Unset { .. } => Key::Text(String::new(), node.position),
        Content::List(_) | Content::Map(_) => {
            let message = "a list or a map cannot be a key".to_owned();
            let hint = "put the value into quotes if it begins with a brace or a bracket";
            report.fault_with("key-not-text", &node.position, (message, hint));
            Key::Complex
        }
    }
}

fn add(entries: &mut Vec<Entry>, entry: Entry, report: &mut Report) {
    if let Some(known) = entries.iter_mut().find(|known| known.key == entry.key) {
        let message = format!(
            "the key `{}` stands twice in one map; this one counts, not the one in line {}",
            entry.key, known.position.line
        );
        report.warn_with(
            "duplicate-key",
            &entry.position,
            (message, "remove one of them"),
        );
        *known = entry;
        return;
    }
    entries.push(entry);
}
