//! What makes a device ring.

use matrix_api::Object;
use matrix_api::client_server::post_pusher::{PusherData, PusherFormat};
use matrix_api::client_server::types::{PushCondition, PushRuleAction};
use matrix_api::client_server::{
    DeletePushRule, GetPushRule, GetPushRuleActions, GetPushRules, GetPushRulesGlobal, GetPushers, IsPushRuleEnabled,
    PostPusher, SetPushRule, SetPushRuleActions, SetPushRuleEnabled, get_push_rule_actions, set_push_rule,
    set_push_rule_actions,
};
use matrix_api_tests::live::{Live, unique};

#[tokio::test]
async fn rules_of_the_server() {
    let live = Live::new("push::rules_of_the_server");
    let client = live.new_user().await;
    let rules = client.send(GetPushRules::new()).await.unwrap().global;
    let master = &rules.override_.as_deref().unwrap()[0];
    assert_eq!(master.rule_id, ".m.rule.master");
    assert!(master.default && !master.enabled);
    let message = rules.underride.iter().flatten().find(|rule| rule.rule_id == ".m.rule.message").unwrap();
    assert_eq!(message.actions.as_ref().unwrap()[0], PushRuleAction::Text("notify".to_owned()));
    let [condition] = message.conditions.as_deref().unwrap() else { panic!("one condition") };
    assert_eq!((condition.kind.as_str(), condition.key.as_deref()), ("event_match", Some("type")));
    assert_eq!(condition.pattern.as_deref(), Some("m.room.message"));
    assert!(rules.room.iter().chain(&rules.sender).all(Vec::is_empty));
    assert_eq!(client.send(GetPushRulesGlobal::new()).await.unwrap().rules, rules);
    assert!(client.send(GetPushRule::new("content", "no.such.rule")).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn rule_of_ones_own() {
    let live = Live::new("push::rule_of_ones_own");
    let client = live.new_user().await;
    let sound = |name: &str| Object::from_iter([("set_tweak", "sound"), ("value", name)]);
    let ring = [set_push_rule::Action::Text("notify".to_owned()), set_push_rule::Action::Object(sound("bell"))];
    client.send(SetPushRule::new("content", "tea", ring).pattern("tea*")).await.unwrap();
    let rule = client.send(GetPushRule::new("content", "tea")).await.unwrap().rule;
    assert_eq!((rule.rule_id.as_str(), rule.pattern.as_deref()), ("tea", Some("tea*")));
    assert!(rule.enabled && !rule.default);
    let actions = [PushRuleAction::Text("notify".to_owned()), PushRuleAction::Object(sound("bell"))];
    assert_eq!(rule.actions.as_deref(), Some(&actions[..]));

    let is_enabled = IsPushRuleEnabled::new("content", "tea");
    assert!(client.send(&is_enabled).await.unwrap().enabled);
    client.send(SetPushRuleEnabled::new("content", "tea", false)).await.unwrap();
    assert!(!client.send(&is_enabled).await.unwrap().enabled);

    let loud = [set_push_rule_actions::Action::Object(sound("gong"))];
    client.send(SetPushRuleActions::new("content", "tea", loud)).await.unwrap();
    let actions = client.send(GetPushRuleActions::new("content", "tea")).await.unwrap().actions;
    assert_eq!(actions, [get_push_rule_actions::Action::Object(sound("gong"))]);
    client.send(DeletePushRule::new("content", "tea")).await.unwrap();
    assert!(client.send(is_enabled).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn order_of_rules() {
    let live = Live::new("push::order_of_rules");
    let client = live.new_user().await;
    let rule = |name: &str| {
        let notify = [set_push_rule::Action::Text("notify".to_owned())];
        let condition = PushCondition::new("room_member_count").is("2");
        SetPushRule::new("override", name, notify).conditions([condition])
    };
    client.send(rule("b")).await.unwrap();
    client.send(rule("a").before("b")).await.unwrap();
    client.send(rule("c").after("b")).await.unwrap();
    let rules = client.send(GetPushRulesGlobal::new()).await.unwrap().rules.override_.unwrap();
    let own: Vec<_> = rules.iter().filter(|rule| !rule.default).map(|rule| rule.rule_id.as_str()).collect();
    assert_eq!(own, ["a", "b", "c"]);
    let a = rules.iter().find(|rule| rule.rule_id == "a").unwrap();
    assert_eq!(a.conditions.as_deref().unwrap()[0].is.as_deref(), Some("2"));
}

#[tokio::test]
async fn pushers() {
    let live = Live::new("push::pushers");
    let client = live.new_user().await;
    assert!(client.send(GetPushers::new()).await.unwrap().pushers.is_empty());
    let key = unique("pushkey");
    let gateway = format!("{}/_matrix/push/v1/notify", live.neighbours());
    let pusher = PostPusher::new(&key, Some("http".to_owned()), "org.example.app")
        .app_display_name("Example")
        .device_display_name("Kitchen")
        .profile_tag("loud")
        .lang("de")
        .data(PusherData::new().url(&gateway).format(PusherFormat::EventIdOnly))
        .append(false);
    client.send(pusher).await.unwrap();
    let [pusher] = &client.send(GetPushers::new()).await.unwrap().pushers[..] else { panic!("one pusher was set") };
    assert_eq!((pusher.pushkey.as_str(), pusher.kind.as_str()), (key.as_str(), "http"));
    assert_eq!((pusher.app_id.as_str(), pusher.app_display_name.as_str()), ("org.example.app", "Example"));
    assert_eq!((pusher.device_display_name.as_str(), pusher.lang.as_str()), ("Kitchen", "de"));
    assert_eq!(pusher.profile_tag.as_deref(), Some("loud"));
    assert_eq!(pusher.data.url, Some(gateway));
    assert_eq!(pusher.data.format.as_deref(), Some("event_id_only"));

    // Null, and not left out: that is what deletes.
    client.send(PostPusher::new(&key, None, "org.example.app")).await.unwrap();
    assert!(client.send(GetPushers::new()).await.unwrap().pushers.is_empty());
}
