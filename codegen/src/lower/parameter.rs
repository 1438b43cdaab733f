//! What travels in the path, the query and the headers.

use super::Lower;
use super::operation::Spots;
use super::spot::Spot;
use crate::error::Error;
use crate::ir::{Field, Path, Segment, Shape, Type};
use crate::openapi::{Header, Operation, Parameter, ParameterPlace};

impl Lower<'_> {
    pub(super) fn path(&mut self, from: &Operation, spots: &Spots) -> Result<Path, Error> {
        let mut segments = Vec::new();
        let mut seen = Vec::new();
        let mut rest = from.path.as_str();
        while let Some((literal, after)) = rest.split_once('{') {
            let (wire, after) =
                after.split_once('}').ok_or_else(|| from.origin.error("a brace of the path is left open"))?;
            segments.push(Segment::Literal(literal.to_owned()));
            let is_it = |parameter: &&Parameter| parameter.place == ParameterPlace::Path && parameter.name == wire;
            let parameter = from.parameters.iter().find(is_it);
            let parameter =
                parameter.ok_or_else(|| from.origin.error(format!("path parameter `{wire}` is not declared")))?;
            segments.push(Segment::Field(self.parameter(parameter, spots)?));
            seen.push(wire);
            rest = after;
        }
        if !rest.is_empty() {
            segments.push(Segment::Literal(rest.to_owned()));
        }
        for parameter in from.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Path) {
            if !seen.contains(&parameter.name.as_str()) {
                return Err(parameter.origin.error(format!("`{}` is no part of the path", parameter.name)));
            }
        }
        Ok(Path(segments))
    }

    /// The parameters of one place, in the order of the document.
    pub(super) fn parameters(
        &mut self,
        from: &Operation,
        place: ParameterPlace,
        spots: &Spots,
    ) -> Result<Vec<Field>, Error> {
        let wanted = from.parameters.iter().filter(|parameter| parameter.place == place);
        wanted.map(|parameter| self.parameter(parameter, spots)).collect()
    }

    fn parameter(&mut self, from: &Parameter, spots: &Spots) -> Result<Field, Error> {
        let spot = spots.request().property(&from.name, None);
        let json = self.row(spot.api.as_deref(), |tables| &tables.json, &spot.key());
        let mut field = self.field(&from.name, &from.schema, from.required, &spot)?;
        if let Some(json) = json {
            let file = format!("{}.yaml", json.definition);
            let found =
                self.resolved.definitions.keys().find(|target| target.file == file && target.pointer.is_empty());
            if let Some(target) = found.cloned() {
                let inner = Box::new(self.definition(&target, &from.schema)?);
                field.ty = if json.or_id { Type::IdOrJson(inner) } else { Type::Json(inner) };
            } else {
                self.assume(from.origin.error(format!("json.yaml: {file} is not reached")), ())?;
            }
        }
        if from.place == ParameterPlace::Path {
            field.may_be_empty = self.row(spot.api.as_deref(), |tables| &tables.may_be_empty, &spot.key()).is_some();
        }
        field.since = from.added.clone().or(field.since);
        field.deprecated |= from.deprecated;
        self.check_parameter(from, &field)?;
        Ok(field)
    }

    /// A parameter must be something that its place can carry.
    fn check_parameter(&self, from: &Parameter, field: &Field) -> Result<(), Error> {
        let open = match &field.ty {
            Type::Secret(inner) => inner,
            ty => ty,
        };
        let fits = match from.place {
            ParameterPlace::Path if !from.required || field.kept => {
                return Err(from.origin.error("a path parameter must be required"));
            }
            ParameterPlace::Path => self.is_plain(open) || *open == Type::Txn,
            ParameterPlace::Header => self.is_plain(&field.ty),
            ParameterPlace::Query => self.is_plain(open) || self.fits_query(from, &field.ty),
        };
        let place = format!("{:?}", from.place).to_lowercase();
        if fits {
            Ok(())
        } else {
            Err(from.origin.error(format!("a {place} cannot carry {}", self.describe(&field.ty))))
        }
    }

    fn fits_query(&self, from: &Parameter, ty: &Type) -> bool {
        match ty {
            Type::List(item) => self.is_plain(item),
            Type::Map(key, value) => **key == Type::Text && self.is_plain(value),
            Type::Json(_) => true,
            Type::IdOrJson(_) => !from.required,
            _ => false,
        }
    }

    /// One text, number or truth value.
    fn is_plain(&self, ty: &Type) -> bool {
        match ty {
            Type::Boolean | Type::Integer | Type::Number => true,
            ty => self.is_text(ty),
        }
    }

    fn is_text(&self, ty: &Type) -> bool {
        match ty {
            Type::Text | Type::Scalar(_) => true,
            Type::Named(id) => matches!(self.types[id.0].shape, Shape::Enum { .. }),
            _ => false,
        }
    }

    /// A header of a response; one that is missing refuses nothing.
    pub(super) fn response_header(&mut self, header: &Header, spot: &Spot) -> Result<Field, Error> {
        let field = self.field(&header.name, &header.schema, false, spot)?;
        if self.is_text(&field.ty) {
            return Ok(field);
        }
        Err(header.schema.origin.error(format!("the header of a response cannot carry {}", self.describe(&field.ty))))
    }

    /// A type in the words of a refusal.
    pub(super) fn describe(&self, ty: &Type) -> String {
        match ty {
            Type::List(item) => format!("a list of {}", self.describe(item)),
            Type::Map(_, value) => format!("a map of {}", self.describe(value)),
            Type::Named(id) => self.types[id.0].name.clone(),
            other => format!("{other:?}"),
        }
    }
}
