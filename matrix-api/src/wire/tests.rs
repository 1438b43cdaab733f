use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::{context::ReadScope, *};
use crate::{ErrorCode, Raw, Secret, StringEnum, TxnId, UnixMillis, UnixSeconds, UserId, json};

fn read<T: Read>(text: &str) -> Result<T, String> {
    let body = Bytes::copy_from_slice(text.as_bytes());
    let _scope = ReadScope::enter(body.clone(), context::Lenient::No);
    parse::parse(std::str::from_utf8(&body).unwrap()).map_err(|error| error.to_string())
}

#[test]
fn whole_numbers_may_be_written_as_fractions() {
    assert_eq!(read::<i64>("5.0"), Ok(5));
    assert_eq!(read::<i64>("-3e2"), Ok(-300));
    assert_eq!(read::<i64>("9223372036854775807"), Ok(i64::MAX));
    assert_eq!(read::<u64>("18446744073709551615"), Ok(u64::MAX));
    assert_eq!(read::<UnixMillis>("1e3"), Ok(UnixMillis(1000)));
    assert_eq!(read::<UnixSeconds>("-1"), Ok(UnixSeconds(-1)));
    for text in ["1.5", "9223372036854775808", "1e30"] {
        assert!(read::<i64>(text).unwrap_err().contains("a whole number"), "{text}");
    }
    assert!(read::<u64>("-1").is_err());
    assert!(read::<i64>("\"5\"").unwrap_err().starts_with("the document should be a whole number but is a string"));
    assert_eq!(read::<f64>("2"), Ok(2.0));
}

#[test]
fn lists_and_maps_of_any_size_come_whole() {
    for size in [0, 1, 2, 10, 11, 12, 15, 16, 17, 63, 64, 65, 200] {
        let numbers: Vec<i64> = (0..size).collect();
        let list = read::<Vec<i64>>(&json!(numbers).to_string()).unwrap();
        assert_eq!(list, numbers);
        assert!(list.capacity() <= list.len() + list.len() / 2, "{size}: {}", list.capacity());
        // Backwards, and every third name twice: the last one wins.
        let pairs = numbers.iter().rev().map(|number| format!(r#""{number:03}":{number}"#));
        let again = numbers.iter().step_by(3).map(|number| format!(r#""{number:03}":-{number}"#));
        let map = read::<BTreeMap<String, i64>>(&format!("{{{}}}", pairs.chain(again).collect::<Vec<_>>().join(",")))
            .unwrap();
        let value = |number: &i64| if number % 3 == 0 { -number } else { *number };
        let expected = numbers.iter().map(|number| (format!("{number:03}"), value(number))).collect();
        assert_eq!(map, expected, "{size}");
    }
}

#[test]
fn a_bad_element_is_named_wherever_it_stands() {
    for at in [0, 15, 16, 17, 80] {
        let mut list = vec![json!(1); 81];
        list[at] = json!("one");
        let error = read::<Vec<i64>>(&json!(list).to_string()).unwrap_err();
        assert!(error.starts_with(&format!("[{at}] should be a whole number")), "{error}");
    }
}

#[test]
fn a_slice_of_a_body_is_small() {
    assert_eq!(size_of::<Raw<crate::TimelineEvent>>(), 16);
    assert_eq!(size_of::<Option<Raw<crate::TimelineEvent>>>(), 16);
}

#[test]
fn one_and_zero_are_yes_and_no() {
    assert_eq!(read::<Vec<bool>>("[true,1,false,0]"), Ok(vec![true, true, false, false]));
    for text in ["2", "-1", "1.0", "\"true\"", "null"] {
        assert!(read::<bool>(text).unwrap_err().contains("should be true or false"), "{text}");
    }
    let warnings = report(&Shape::List(&Shape::Boolean), b"[1,true,2]", false);
    let told: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    let wrong = "should be true or false but is a number";
    assert_eq!(told, [format!("[0] {wrong}"), format!("[2] {wrong}"), "[2] was left out".to_owned()]);
}

#[test]
fn containers_are_read() {
    assert_eq!(read::<Option<Vec<bool>>>("null"), Ok(None));
    assert_eq!(read::<Vec<Option<bool>>>("[true,null]"), Ok(vec![Some(true), None]));
    let map = BTreeMap::from([("a".to_owned(), Box::new(2))]);
    assert_eq!(read::<BTreeMap<String, Box<i64>>>(r#"{"a":1,"a":2}"#), Ok(map));
    assert_eq!(read::<Patch<i64>>("null"), Ok(Patch::Null));
    assert_eq!(read::<Patch<i64>>("1"), Ok(Patch::Set(1)));
    assert_eq!(read::<Secret<String>>("\"x\""), Ok(Secret::from("x")));
    assert_eq!(read::<TxnId>("\"a\\n\"").unwrap().as_str(), "a\n");
    assert_eq!(read::<Value>("[1]"), Ok(json!([1])));
    assert_eq!(read::<String>("\"a\" x").unwrap_err(), "the document is not valid JSON (byte 5)");
    assert_eq!(read::<Object>(r#"{"b":1,"a":2}"#).unwrap().len(), 2);
    assert_eq!(read::<Vec<i64>>("[1,[]]").unwrap_err(), "[1] should be a whole number but is a list (byte 5)");
}

#[test]
fn a_string_enum_keeps_what_it_does_not_know() {
    let known: ErrorCode = read("\"M_FORBIDDEN\"").unwrap();
    assert_eq!((&known, known.is_known()), (&ErrorCode::Forbidden, true));
    let unknown: ErrorCode = read("\"ORG.X_Y\"").unwrap();
    assert_eq!((unknown.as_str(), unknown.is_known()), ("ORG.X_Y", false));
    assert_eq!(serde_json::to_string(&[known, unknown]).unwrap(), r#"["M_FORBIDDEN","ORG.X_Y"]"#);
    assert_eq!(ErrorCode::KNOWN.len(), 66);
    for code in ErrorCode::KNOWN {
        assert_eq!(&ErrorCode::parse(code.as_str()), code);
        assert_eq!(ErrorCode::from(code.to_string()), *code);
        assert!(code.as_str().starts_with("M_") && code.is_known());
    }
}

/// A union: text or number.
#[derive(Debug, PartialEq)]
enum Either {
    Text(String),
    Numbers(Vec<i64>),
}

impl Read for Either {
    fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::read(deserializer)?;
        match raw_kind(raw.get()) {
            Kind::Text => from_raw(&raw).map(Self::Text),
            Kind::List => from_raw(&raw).map(Self::Numbers),
            _ => Err(mismatch("a string or a list of numbers")),
        }
    }
}

#[test]
fn a_union_reports_the_part_that_is_wrong() {
    assert_eq!(read("\"a\""), Ok(Either::Text("a".to_owned())));
    assert_eq!(read("[[1],[2]]"), Ok(vec![Either::Numbers(vec![1]), Either::Numbers(vec![2])]));
    let error = read::<Vec<Either>>("[\"a\",[1,\"canary\"]]").unwrap_err();
    assert!(error.starts_with("[1][1] should be a whole number but is a string"), "{error}");
    let error = read::<BTreeMap<String, Either>>(r#"{"k":5}"#).unwrap_err();
    assert!(error.starts_with("k should be a string or a list of numbers"), "{error}");
}

#[test]
fn a_recursive_union_cannot_overflow() {
    #[derive(Debug)]
    struct Tree(#[allow(dead_code)] Vec<Tree>);
    impl Read for Tree {
        fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let raw = Box::<RawValue>::read(deserializer)?;
            from_raw(&raw).map(Self)
        }
    }
    let tree = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read::<Tree>(&tree(100)).is_ok());
    assert!(read::<Tree>(&tree(128)).is_ok());
    let error = read::<Tree>(&tree(129)).unwrap_err();
    assert!(error.contains("is nested deeper than 128 levels"), "{error}");
    assert!(read::<Tree>(&tree(100_000)).is_err());
}

#[test]
fn the_kind_of_a_json_text_is_its_first_character() {
    let texts = [
        ("null", Kind::Null),
        ("true", Kind::Boolean),
        ("false", Kind::Boolean),
        ("-1", Kind::Number),
        (" \"a\"", Kind::Text),
        ("[1]", Kind::List),
        ("{}", Kind::Object),
    ];
    for (text, kind) in texts {
        assert_eq!(raw_kind(text), kind);
    }
}

#[test]
fn raw_json_stays_as_it_is() {
    let raw = Raw::<Object>::from_json(" {\"b\":1, \"a\":null} ".to_owned()).unwrap();
    assert_eq!(raw.json(), "{\"b\":1, \"a\":null}");
    assert_eq!(serde_json::to_string(&raw).unwrap(), raw.json());
    assert_eq!(format!("{raw:?}"), "Raw(17 bytes)");
    assert_eq!(raw.field::<i64>("b"), Ok(Some(1)));
    assert_eq!((raw.field::<i64>("a"), raw.field::<i64>("c")), (Ok(None), Ok(None)));
    let error = raw.field::<String>("b").unwrap_err();
    assert_eq!((error.path(), error.category()), ("b", DecodeCategory::Type));
    assert_eq!(raw.parse::<BTreeMap<String, Option<i64>>>().unwrap()["b"], Some(1));
    assert!(Raw::<Object>::from_json("{} {}".to_owned()).is_err());
    assert!(Raw::<Object>::from_json("canary".to_owned()).is_err());
    let wrapped: Vec<Raw<Object>> = serde_json::from_value(json!([{ "a": 1 }])).unwrap();
    assert_eq!(wrapped[0].json(), r#"{"a":1}"#);
    let again: Raw<Object> = Raw::new(&wrapped[0]);
    assert_eq!(again, wrapped[0].clone().cast());
    assert_eq!(Raw::<Value>::new(&5).field::<i64>("x").unwrap_err().category(), DecodeCategory::Type);
}

#[test]
fn a_value_that_json_cannot_express_is_kept_as_a_failure() {
    struct Broken;
    impl Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("canary"))
        }
    }
    let raw: Raw<Object> = Raw::new(&Broken);
    assert_eq!((raw.json(), format!("{raw:?}")), ("null", "Raw(unwritable)".to_owned()));
    let error = serde_json::to_string(&raw).unwrap_err();
    assert_eq!(error.to_string(), "could not be written as JSON");
    let outer: Raw<Object> = Raw::new(&[raw]);
    assert!(serde_json::to_string(&outer).is_err());
}

#[test]
fn an_object_is_a_map_that_hides_its_content() {
    let mut object = Object::new();
    assert!(object.is_empty());
    object.insert("a", 1);
    object.insert("b", json!(["@u:x"]));
    object.insert("c", "x");
    assert_eq!(format!("{object:?}"), "Object(3 keys)");
    assert_eq!(object.get("a"), Some(&json!(1)));
    assert_eq!(serde_json::to_string(&object).unwrap(), r#"{"a":1,"b":["@u:x"],"c":"x"}"#);
    let error = object.decode::<BTreeMap<String, Vec<UserId>>>().unwrap_err();
    assert_eq!(error.category(), DecodeCategory::Type);
    assert_eq!((object.remove("c"), object.iter().count()), (Some(json!("x")), 2));
}

#[test]
fn transaction_ids_are_random_hexadecimal() {
    let (one, two) = (TxnId::new(), TxnId::new());
    assert_ne!(one, two);
    assert_eq!(one.as_str().len(), 32);
    assert!(one.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn times_convert_both_ways() {
    for millis in [0, 1, -1, 1_700_000_000_123] {
        let time = UnixMillis(millis);
        assert_eq!(UnixMillis::from(time.to_system_time().unwrap()), time);
    }
    let seconds = UnixSeconds::from(1_700_000_000);
    assert_eq!(UnixSeconds::from(seconds.to_system_time().unwrap()).get(), 1_700_000_000);
    assert!(UnixMillis::now() > UnixMillis(1_700_000_000_000));
}
