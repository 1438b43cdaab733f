//! For tests: a table that finds a response type by its operation's name.

use quote::{format_ident, quote};

use super::docs;
use crate::ir::{Api, Apis};
use crate::layout::File;

/// One file for each API, and one that names them all.
pub(crate) fn files(apis: &Apis) -> Vec<File> {
    let mut files: Vec<File> = apis.apis.iter().map(file).collect();
    files.push(index(apis));
    files
}

fn index(apis: &Apis) -> File {
    let rows = apis.apis.iter().map(|api| {
        let (name, module) = (&api.name, format_ident!("{}", api.module));
        quote!((#name, super::#module::RESPONSES))
    });
    let about = docs(["The responses of every API, by the API's name."]);
    File {
        path: "responses.rs".to_owned(),
        origin: Vec::new(),
        head: vec!["Every response of every API.".to_owned()],
        imports: vec!["crate::read_back::ReadBack".to_owned()],
        items: vec![
            quote! {
                /// The responses of one API.
                pub type Responses = &'static [(&'static str, ReadBack)];
            },
            quote! { #about pub static APIS: &[(&str, Responses)] = &[#(#rows),*]; },
        ],
    }
}

fn file(api: &Api) -> File {
    let module = format_ident!("{}", api.module);
    let rows = api.operations.iter().map(|operation| {
        let id = &operation.id;
        let response = format_ident!("{}Response", operation.name);
        quote!((#id, read_back::<matrix_api::#module::#response>))
    });
    let about = docs(["What reads and writes the response of each operation, by operationId."]);
    File {
        path: format!("{}.rs", api.module),
        origin: Vec::new(),
        head: vec![format!("Every response of the {} API.", api.name)],
        imports: vec!["crate::read_back::ReadBack".to_owned(), "crate::read_back::read_back".to_owned()],
        items: vec![quote! { #about pub static RESPONSES: &[(&str, ReadBack)] = &[#(#rows),*]; }],
    }
}
