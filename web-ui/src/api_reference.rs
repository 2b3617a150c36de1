//! The page that documents the admin API: every route, every shape.

use askama::Template;

/// The style sheet of the page.
pub const STYLE: &str = include_str!("../assets/api_reference.css");

/// The page.
#[derive(Template)]
#[template(path = "api_reference.html")]
pub struct ApiReference {
    /// The program's version.
    pub version: String,
    /// Where the document for programs is, relative to the page.
    pub document: &'static str,
    /// Where the style sheet is, relative to the page.
    pub style: &'static str,
    /// The routes, by noun.
    pub groups: Vec<Group>,
    /// The shapes, by name.
    pub shapes: Vec<Shape>,
}

/// The routes of a noun.
pub struct Group {
    /// The noun.
    pub name: String,
    /// Its routes.
    pub operations: Vec<Operation>,
}

/// A route.
pub struct Operation {
    /// Its name for links.
    pub anchor: String,
    /// `GET`, …
    pub method: String,
    /// The path, with its parameters in braces.
    pub path: String,
    /// What it does.
    pub summary: String,
    /// Who may.
    pub permission: String,
    /// Members of the path, the query and the head.
    pub parameters: Vec<Member>,
    /// The body.
    pub request: Option<Kind>,
    /// The status of success.
    pub status: String,
    /// The answer's body.
    pub answer: Option<Kind>,
}

/// What a value is.
pub struct Kind {
    /// In words: `list of`.
    pub words: String,
    /// The shape, which has a place of its own on the page.
    pub shape: Option<String>,
}

/// A member of a shape, or a parameter.
pub struct Member {
    /// Its name.
    pub name: String,
    /// Where it stands, for parameters: `path`, `query`, `header`.
    pub place: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it has to be there.
    pub required: bool,
    /// What it says.
    pub description: String,
}

/// A shape.
pub struct Shape {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// In words, where it is no object: `one of enforce, shadow, soft`.
    pub words: String,
    /// Its members, where it is one.
    pub members: Vec<Member>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_text_and_nothing_of_the_page_is_inline() {
        let page = ApiReference {
            version: "<script>".to_owned(),
            document: "openapi.json",
            style: "docs.css",
            groups: Vec::new(),
            shapes: Vec::new(),
        };
        let html = page.render().unwrap();
        assert!(!html.contains("<script"));
        assert!(!html.contains("<style") && !html.contains("style="));
        assert!(html.contains("href=\"docs.css\""));
    }
}
