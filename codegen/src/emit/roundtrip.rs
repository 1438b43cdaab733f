//! For tests: a table that finds a response type by its operation's name.

use quote::{format_ident, quote};

use super::docs;
use crate::ir::{Api, Apis, Events};
use crate::layout::File;

/// One file for each API, and two that name them all, and one for the contents of events.
pub(crate) fn files(apis: &Apis) -> Vec<File> {
    let mut files: Vec<File> = apis.apis.iter().map(file).collect();
    files.push(index(apis, "responses", "response", "Responses", "read_back::ReadBack"));
    files.push(index(apis, "calls", "request", "Requests", "send_back::SendBack"));
    files.extend(apis.events.iter().map(|events| contents(apis, events)));
    files
}

fn index(apis: &Apis, file: &str, what: &str, group: &str, runs: &str) -> File {
    let table = format_ident!("{}", group.to_uppercase());
    let rows = apis.apis.iter().map(|api| {
        let (name, module) = (&api.name, format_ident!("{}", api.module));
        quote!((#name, super::#module::#table))
    });
    let about = docs([format!("The {what}s of every API, by the API's name.").as_str()]);
    let about_group = docs([format!("The {what}s of one API.").as_str()]);
    let (group, run) = (format_ident!("{group}"), format_ident!("{}", runs.rsplit("::").next().unwrap_or(runs)));
    File {
        path: format!("{file}.rs"),
        head: vec![format!("Every {what} of every API.")],
        imports: vec![format!("crate::{runs}")],
        items: vec![
            quote! { #about_group pub type #group = &'static [(&'static str, #run)]; },
            quote! { #about pub static APIS: &[(&str, #group)] = &[#(#rows),*]; },
        ],
        ..File::default()
    }
}

fn contents(apis: &Apis, events: &Events) -> File {
    let module = format_ident!("{}", events.module);
    let rows = events.contents.iter().map(|event| {
        let wire = &event.wire;
        let content = format_ident!("{}", apis.types[event.content.0].name);
        quote!((#wire, content_back::<matrix_api::#module::#content>))
    });
    let about = docs(["What reads and writes the content of each type of event."]);
    File {
        path: format!("{}.rs", events.module),
        head: vec!["Every content of an event.".to_owned()],
        imports: vec!["crate::content_back::ContentBack".to_owned(), "crate::content_back::content_back".to_owned()],
        items: vec![quote! { #about pub static CONTENTS: &[(&str, ContentBack)] = &[#(#rows),*]; }],
        ..File::default()
    }
}

fn file(api: &Api) -> File {
    let module = format_ident!("{}", api.module);
    let rows = api.operations.iter().map(|operation| {
        let id = &operation.id;
        let response = format_ident!("{}Response", operation.name);
        quote!((#id, read_back::<matrix_api::#module::#response>))
    });
    let requests = api.operations.iter().map(|operation| {
        let id = &operation.id;
        let name = format_ident!("{}", operation.name);
        quote!((#id, send_back::<matrix_api::#module::#name>))
    });
    let about_requests = docs(["What reads and sends the request of each operation, by operationId."]);
    let about = docs(["What reads and writes the response of each operation, by operationId."]);
    File {
        path: format!("{}.rs", api.module),
        head: vec![format!("Every response and every request of the {} API.", api.name)],
        imports: ["read_back::ReadBack", "read_back::read_back", "send_back::SendBack", "send_back::send_back"]
            .map(|name| format!("crate::{name}"))
            .to_vec(),
        items: vec![
            quote! { #about pub static RESPONSES: &[(&str, ReadBack)] = &[#(#rows),*]; },
            quote! { #about_requests pub static REQUESTS: &[(&str, SendBack)] = &[#(#requests),*]; },
        ],
        ..File::default()
    }
}
