use serde_json::json;

use super::*;

fn letters(text: &str) -> Map<char, usize> {
    text.chars().enumerate().map(|(at, letter)| (letter, at)).collect()
}

#[test]
fn entries_stand_in_the_order_of_their_keys_and_the_last_of_a_key_wins() {
    assert_eq!(letters("").len(), 0);
    let map = letters("hello world");
    assert_eq!(map.keys().collect::<String>(), " dehlorw");
    assert_eq!(map.values().copied().collect::<Vec<_>>(), [5, 10, 1, 0, 9, 7, 8, 6]);
    assert!(
        map.iter().eq(&map) && map.iter().rev().eq(map.clone().into_iter().rev().collect::<Map<_, _>>().iter().rev())
    );
    assert_eq!(map, BTreeMap::from(map.clone()).into());
    assert_eq!(map, map.clone().into_iter().collect::<HashMap<_, _>>().into());
    assert_eq!(map.into_keys().zip([1, 2]).collect::<Vec<_>>(), [(' ', 1), ('d', 2)]);
}

#[test]
fn a_map_behaves_as_one_of_std_does() {
    let (mut ours, mut std) = (Map::new(), BTreeMap::new());
    let mut seed = 7_u32;
    for _ in 0..2000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (key, value) = ((seed >> 16) % 97, seed >> 8);
        match seed >> 30 {
            0 => assert_eq!(ours.remove(&key), std.remove(&key)),
            1 => assert_eq!(ours.get(&key), std.get(&key)),
            2 => assert_eq!(ours.get_mut(&key), std.get_mut(&key)),
            _ => assert_eq!(ours.insert(key, value), std.insert(key, value)),
        }
        assert_eq!((ours.len(), ours.contains_key(&key)), (std.len(), std.contains_key(&key)));
    }
    let more = [(200, 1), (3, 4), (200, 5), (3, 6)];
    ours.extend(more);
    std.extend(more);
    assert!(ours.iter().eq(&std) && !ours.is_empty());
    assert_eq!((ours[&200], ours[&3]), (5, 6));
    ours.retain(|key, _| key % 2 == 0);
    std.retain(|key, _| key % 2 == 0);
    for (_, value) in &mut ours {
        *value += 1;
    }
    ours.values_mut().for_each(|value| *value *= 2);
    std.values_mut().for_each(|value| *value = (*value + 1) * 2);
    assert_eq!(format!("{ours:?}"), format!("{std:?}"));
    assert!(ours.into_values().eq(std.into_values()));
}

#[test]
fn a_map_is_a_json_object() {
    let map: Map<String, i64> = serde_json::from_str(r#"{"b":1,"a":2,"b":3}"#).unwrap();
    assert_eq!(map, [("a".to_owned(), 2), ("b".to_owned(), 3)].into());
    assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"a":2,"b":3}"#);
    assert!(serde_json::from_value::<Map<String, i64>>(json!([1])).is_err());
}

#[test]
#[should_panic(expected = "the key is in the map")]
fn a_key_that_is_missing_cannot_be_indexed() {
    let _ = letters("a")[&'b'];
}
