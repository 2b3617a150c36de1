//! How to use a key: the same lines on every page, from address, model and key.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;

/// One way to use it.
#[derive(Clone, Debug)]
pub struct Tab {
    /// For links within the page.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What is copied.
    pub text: String,
}

#[derive(Template)]
#[template(path = "_snippet.html")]
struct Snippet<'a> {
    frame: &'a Frame,
    tabs: Vec<Tab>,
}

/// The ways to use a key, as tabs.
#[must_use]
pub fn snippet(frame: &Frame, base: &str, model: &str, key: &str) -> Markup {
    let tabs = tabs(base, model, key);
    // Rendering texts into markup cannot fail but for want of memory.
    Markup::of(Snippet { frame, tabs }.render().unwrap_or_default())
}

/// The ways to use a key.
#[must_use]
pub fn tabs(base: &str, model: &str, key: &str) -> Vec<Tab> {
    let base = base.trim_end_matches('/');
    let tab = |id, name, text| Tab { id, name, text };
    vec![
        tab(
            "curl",
            "curl",
            format!(
                "curl {base}/v1/chat/completions \\\n  -H \"Authorization: Bearer {key}\" \\\n  \
             -H \"Content-Type: application/json\" \\\n  \
             -d '{{\"model\": \"{model}\",\n       \"messages\": [{{\"role\": \"user\", \"content\": \"Say hello\"}}]}}'"
            ),
        ),
        tab(
            "py",
            "Python",
            format!(
                "from openai import OpenAI\nclient = OpenAI(base_url=\"{base}/v1\",\n                \
             api_key=\"{key}\")\nr = client.chat.completions.create(model=\"{model}\",\n    \
             messages=[{{\"role\": \"user\", \"content\": \"Say hello\"}}])\nprint(r.choices[0].message.content)"
            ),
        ),
        tab(
            "js",
            "JS",
            format!(
                "import OpenAI from \"openai\";\nconst client = new OpenAI({{\n  baseURL: \"{base}/v1\", apiKey: \"{key}\" }});\n\
             const r = await client.chat.completions.create({{ model: \"{model}\",\n  \
             messages: [{{ role: \"user\", content: \"Say hello\" }}] }});\nconsole.log(r.choices[0].message.content);"
            ),
        ),
        tab(
            "env",
            ".env",
            format!("OPENAI_BASE_URL={base}/v1\nOPENAI_API_KEY={key}"),
        ),
        tab(
            "cc",
            "Claude Code",
            format!("export ANTHROPIC_BASE_URL={base}\nexport ANTHROPIC_AUTH_TOKEN={key}"),
        ),
    ]
}
