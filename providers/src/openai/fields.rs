//! Members of a caller's JSON object, taken out one by one, with errors that name the path.

use serde_json::{Map, Value};

use super::bad_body::BadBody;

/// A JSON object whose members are taken out; what is left was not known.
pub(super) struct Fields {
    path: String,
    map: Map<String, Value>,
}

impl Fields {
    /// Takes an object; `path` is where it stands in the body, empty for the body itself.
    pub(super) fn new(path: impl Into<String>, map: Map<String, Value>) -> Self {
        Self {
            path: path.into(),
            map,
        }
    }

    /// Takes a value that must be an object.
    pub(super) fn of(path: impl Into<String>, value: Value) -> Result<Self, BadBody> {
        let path = path.into();
        match value {
            Value::Object(map) => Ok(Self { path, map }),
            other => Err(BadBody::wrong_type(path, "an object", kind_of(&other))),
        }
    }

    /// The path of a member.
    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Where this object stands.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Takes a member; `null` counts as missing.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.map.shift_remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, BadBody> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, "a string", &other)),
        }
    }

    pub(super) fn required_text(&mut self, name: &str) -> Result<String, BadBody> {
        self.text(name)?
            .ok_or_else(|| BadBody::missing(self.path_of(name)))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, BadBody> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.wrong(name, "true or false", &other)),
        }
    }

    pub(super) fn count(&mut self, name: &str) -> Result<Option<u64>, BadBody> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => whole_number(&value)
                .map(Some)
                .ok_or_else(|| self.wrong(name, "a whole number, 0 or more", &value)),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<serde_json::Number>, BadBody> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(other) => Err(self.wrong(name, "a number", &other)),
        }
    }

    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Value>, BadBody> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(self.wrong(name, "an array", &other)),
        }
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, BadBody> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(self.wrong(name, "an object", &other)),
        }
    }

    /// A member that is an object whose own members are to be taken.
    pub(super) fn fields(&mut self, name: &str) -> Result<Option<Self>, BadBody> {
        let path = self.path_of(name);
        Ok(self.object(name)?.map(|map| Self { path, map }))
    }

    pub(super) fn required_fields(&mut self, name: &str) -> Result<Self, BadBody> {
        self.fields(name)?
            .ok_or_else(|| BadBody::missing(self.path_of(name)))
    }

    /// A string or an array of strings; missing is no string.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, BadBody> {
        let expected = "a string or an array of strings";
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(list)) => list
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => Ok(text),
                    other => Err(self.wrong(name, expected, &other)),
                })
                .collect(),
            Some(other) => Err(self.wrong(name, expected, &other)),
        }
    }

    /// What nobody took.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.map
    }

    fn wrong(&self, name: &str, expected: &str, got: &Value) -> BadBody {
        BadBody::wrong_type(self.path_of(name), expected, kind_of(got))
    }
}

/// A number without a fraction; `16.0` counts, as in Python's JSON.
pub(super) fn whole_number(value: &Value) -> Option<u64> {
    let number = value.as_number()?;
    number.as_u64().or_else(|| {
        let text = number.to_string();
        text.strip_suffix(".0")?.parse().ok()
    })
}

/// The JSON type of a value, in words.
pub(super) const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
