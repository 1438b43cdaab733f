//! Reading and writing by interpretation: slow, plain, and with no word of emitted code.

use serde_json::{Map, Number, Value};

use super::{Prediction, Refusal};
use crate::ir::{Field, Need, Response, ResponseKind, Shape, Type, TypeDef};

/// Reads a JSON body as a response and writes it again.
pub(super) fn response(types: &[TypeDef], response: &Response, body: &Value) -> Result<Prediction, Refusal> {
    let mut reader = Reader { types, at: Vec::new(), unknown: Vec::new(), dropped: Vec::new() };
    let json = match &response.kind {
        ResponseKind::Fields { fields, rest } => reader.object(fields, *rest, false, body)?,
        ResponseKind::Special(field) => reader.value(&field.ty, body)?,
        // Nothing is looked at, and an empty object is written.
        _ if body.is_object() || body.is_array() => {
            let members = body.as_object().into_iter().flat_map(Map::keys);
            reader.unknown.extend(members.cloned());
            Value::Object(Map::new())
        }
        _ => return Err(reader.refuse("Type")),
    };
    Ok(Prediction { json, unknown: reader.unknown, dropped: reader.dropped })
}

struct Reader<'a> {
    types: &'a [TypeDef],
    at: Vec<Step>,
    unknown: Vec<String>,
    dropped: Vec<String>,
}

enum Step {
    Member(String),
    Element(usize),
}

impl Reader<'_> {
    fn refuse(&self, category: &'static str) -> Refusal {
        Refusal { category, path: path(&self.at) }
    }

    fn within<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.at.push(step);
        let read = read(self);
        self.at.pop();
        read
    }

    /// What a value is when it comes back.
    fn value(&mut self, ty: &Type, value: &Value) -> Result<Value, Refusal> {
        let read = match ty {
            Type::Any | Type::Free | Type::Event(_) => Some(value.clone()),
            Type::Boolean => boolean(value),
            Type::Integer => integer(value),
            Type::Number => value.is_number().then(|| value.clone()),
            Type::Scalar(name) if is_time(name) => integer(value),
            Type::Scalar(name) if name == "PageToken" && value.is_i64() => Some(value.clone()),
            Type::Text | Type::Scalar(_) | Type::Txn => value.is_string().then(|| value.clone()),
            Type::Object => value.is_object().then(|| value.clone()),
            Type::List(inner) => return self.list(inner, value),
            Type::Map(_, inner) => return self.map(inner, value),
            Type::Named(id) => return self.named(&self.types[id.0], value),
            Type::Nullable(_) if value.is_null() => Some(Value::Null),
            Type::Constant(text) => Some(Value::String(text.clone())),
            Type::Nullable(inner)
            | Type::Secret(inner)
            | Type::Boxed(inner)
            | Type::Json(inner)
            | Type::IdOrJson(inner) => {
                return self.value(inner, value);
            }
            Type::Bytes => None,
        };
        read.ok_or_else(|| self.refuse("Type"))
    }

    fn list(&mut self, inner: &Type, value: &Value) -> Result<Value, Refusal> {
        let list = value.as_array().ok_or_else(|| self.refuse("Type"))?;
        let elements = list.iter().enumerate();
        Ok(elements.filter_map(|(index, value)| self.element(Step::Element(index), inner, value)).collect())
    }

    fn map(&mut self, inner: &Type, value: &Value) -> Result<Value, Refusal> {
        let map = value.as_object().ok_or_else(|| self.refuse("Type"))?;
        let mut kept = Map::new();
        for (key, value) in map {
            if let Some(value) = self.element(Step::Member(key.clone()), inner, value) {
                kept.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(kept))
    }

    /// A bad element is left out and its siblings stay.
    fn element(&mut self, step: Step, ty: &Type, value: &Value) -> Option<Value> {
        self.within(step, |reader| {
            let read = reader.value(ty, value).ok();
            if read.is_none() {
                reader.dropped.push(path(&reader.at));
            }
            read
        })
    }

    fn named(&mut self, def: &TypeDef, value: &Value) -> Result<Value, Refusal> {
        match &def.shape {
            Shape::Enum { .. } => value.is_string().then(|| value.clone()).ok_or_else(|| self.refuse("Type")),
            Shape::Object { fields, rest } => self.object(fields, *rest, def.reads && def.writes, value),
            Shape::Whole(field) => self.value(&field.ty, value),
            Shape::Tagged { tag, variants, other } => {
                let own = value.get(tag).and_then(Value::as_str);
                let variant = variants.iter().find(|variant| Some(variant.wire.as_str()) == own);
                self.named(&self.types[variant.map_or(*other, |variant| variant.ty).0], value)
            }
            Shape::Union { alternatives } => match alternatives.iter().find(|one| one.name == kind(value)) {
                Some(one) => one.ty.as_ref().map_or(Ok(Value::Null), |ty| self.value(ty, value)),
                None => Ok(value.clone()),
            },
        }
    }

    /// What travels both ways keeps what it does not know, and null where null is a value.
    fn object(&mut self, fields: &[Field], rest: bool, both: bool, value: &Value) -> Result<Value, Refusal> {
        let given = value.as_object().ok_or_else(|| self.refuse("Type"))?;
        let mut back = Map::new();
        for (key, value) in given {
            match fields.iter().any(|field| field.wire == *key) {
                true => {}
                false if rest || both => drop(back.insert(key.clone(), value.clone())),
                false => self.within(Step::Member(key.clone()), |reader| reader.unknown.push(path(&reader.at))),
            }
        }
        for field in fields {
            let given = given.get(&field.wire);
            let read = self
                .within(Step::Member(field.wire.clone()), |reader| reader.field(field, (both, rest || both), given))?;
            if let Some(value) = read {
                back.insert(field.wire.clone(), value);
            }
        }
        Ok(Value::Object(back))
    }

    /// Whether null is one of the kinds that a union names.
    fn takes_null(&self, ty: &Type) -> bool {
        let Type::Named(id) = ty else { return false };
        let Shape::Union { alternatives } = &self.types[id.0].shape else { return false };
        alternatives.iter().any(|one| one.ty.is_none())
    }

    /// What becomes of a bad member that can be done without: among what is kept, it is written again.
    fn reject(&mut self, field: &Field, keeps: bool, required: bool, value: &Value) -> Option<Value> {
        self.dropped.push(path(&self.at));
        match keeps {
            true => Some(value.clone()),
            false => (required && field.ty.is_collection()).then(|| empty(&field.ty)),
        }
    }

    fn field(
        &mut self,
        field: &Field,
        (both, keeps): (bool, bool),
        given: Option<&Value>,
    ) -> Result<Option<Value>, Refusal> {
        let required = field.need == Need::Required;
        let nullable = matches!(field.ty, Type::Nullable(_));
        // What is only read can do without what may be null.
        let needed = required && (both || !nullable) && !field.ty.is_collection();
        match given {
            Some(Value::Null) if (required || both) && field.ty == Type::Any => Ok(Some(Value::Null)),
            Some(Value::Null) if self.takes_null(&field.ty) => Ok(Some(Value::Null)),
            Some(Value::Null) if nullable && both => Ok(Some(Value::Null)),
            None | Some(Value::Null) => {
                if field.ty.is_collection() {
                    return Ok((required && !both).then(|| empty(&field.ty)));
                }
                if needed { Err(self.refuse("Missing")) } else { Ok(None) }
            }
            Some(value) => {
                let value = match self.value(&field.ty, value) {
                    Ok(value) => value,
                    Err(refusal) if needed => return Err(refusal),
                    Err(_) => return Ok(self.reject(field, keeps, required, value)),
                };
                let absent = !both && !required && field.ty.is_collection() && is_empty(&value);
                Ok((!absent).then_some(value))
            }
        }
    }
}

/// Some databases answer with 1 and 0, and servers pass that on.
fn boolean(value: &Value) -> Option<Value> {
    match value.as_u64() {
        Some(number @ 0..=1) => Some(Value::Bool(number == 1)),
        _ => value.as_bool().map(Value::Bool),
    }
}

/// Whole numbers may be written with a fraction of zero.
fn integer(value: &Value) -> Option<Value> {
    if value.is_i64() {
        return Some(value.clone());
    }
    let number = value.as_f64().filter(|_| !value.is_u64())?;
    let whole = number.fract() == 0.0 && (-(2f64.powi(63))..2f64.powi(63)).contains(&number);
    whole.then(|| Value::Number(Number::from(number as i64)))
}

/// Scalars of the runtime that are numbers on the wire.
pub(crate) fn is_time(scalar: &str) -> bool {
    matches!(scalar, "UnixMillis" | "UnixSeconds")
}

fn empty(ty: &Type) -> Value {
    if matches!(ty, Type::List(_)) { Value::Array(Vec::new()) } else { Value::Object(Map::new()) }
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

/// The name that alternatives bear for a kind of JSON.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "Text",
        Value::Array(_) => "List",
        Value::Object(_) => "Object",
    }
}

/// `rooms.join["!a:b"].events[3]`
fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Element(index) => path.push_str(&format!("[{index}]")),
            Step::Member(name) if is_plain(name) => {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(name);
            }
            Step::Member(name) => path.push_str(&format!("[{name:?}]")),
        }
    }
    path
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
