//! Where functions begin and end, by counting braces as a reader does.

/// A line without its strings, characters and comments, so that braces can be counted.
pub fn bare(line: &str) -> String {
    let mut bare = String::new();
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '/' if rest.peek() == Some(&'/') => break,
            '"' => {
                while let Some(inside) = rest.next() {
                    match inside {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '\'' => {
                // A character, unless it is a lifetime.
                let mut ahead = rest.clone();
                let escaped = ahead.next() == Some('\\');
                if escaped {
                    ahead.next();
                }
                if escaped || ahead.peek() == Some(&'\'') {
                    ahead.next();
                    rest = ahead;
                }
            }
            other => bare.push(other),
        }
    }
    bare
}

/// The name of a function that begins on this line.
fn function_name(line: &str) -> Option<String> {
    let mut words = line.split_whitespace().peekable();
    while words
        .next_if(|word| matches!(*word, "const" | "async" | "unsafe") || word.starts_with("pub"))
        .is_some()
    {}
    (words.next() == Some("fn")).then(|| words.next().unwrap_or_default().to_owned())
}

/// Name and length of each function.
pub fn functions(lines: &[&str]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else {
            continue;
        };
        let (mut depth, mut opened) = (0_usize, false);
        for (count, line) in lines.iter().skip(start).enumerate() {
            let bare = bare(line);
            depth = (depth + bare.matches('{').count()).saturating_sub(bare.matches('}').count());
            opened |= bare.contains('{');
            if opened && depth == 0 {
                found.push((name, count + 1));
                break;
            }
            if !opened && bare.trim_end().ends_with(';') {
                break;
            }
        }
    }
    found
}

#[test]
fn function_lengths_are_counted_as_a_reader_counts_them() {
    let text = "fn a() {\n    let brace = '{';\n    f(\"{\"); // {\n}\n\npub(crate) async fn b<'a>(\n    x: &'a str,\n) {\n}\nfn declared();\n";
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        functions(&lines),
        [("a()".to_owned(), 4), ("b<'a>(".to_owned(), 4)]
    );
}
