//! The rules: each kind of change, its class, and why it has that class.

/// What a change means for a program that was written against the old version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It may no longer compile, or a call with the same values can no longer succeed.
    Breaking,
    /// It compiles and runs as before, and there is something new to use or to know.
    Additive,
    /// Only what is said of the code has changed.
    Docs,
}

impl Class {
    /// All of them, the gravest first.
    pub const ALL: [Self; 3] = [Self::Breaking, Self::Additive, Self::Docs];

    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Additive => "additive",
            Self::Docs => "docs-only",
        }
    }
}

macro_rules! kinds {
    ($($kind:ident $word:literal $class:ident $why:literal,)*) => {
        /// A kind of change. Its class follows from it alone.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = $why] $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The name of the rule.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$kind => $word),* }
            }

            /// What it means for programs.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $(Self::$kind => Class::$class),* }
            }

            /// Why it has that class.
            #[must_use]
            pub fn why(self) -> &'static str {
                match self { $(Self::$kind => $why),* }
            }
        }
    };
}

kinds! {
    OperationAdded "operation-added" Additive "A request and a response type appear.",
    OperationRemoved "operation-removed" Breaking "Its request and response types are gone.",
    OperationRenamed "operation-renamed" Breaking "The same call under another name: the old one is gone.",
    OperationRenamedKept "operation-renamed-kept" Additive "The same call under another name: the old one stays for a while, deprecated.",
    FormerNameRemoved "former-name-removed" Breaking "The name that was kept for a while is gone.",
    OperationMoved "operation-moved" Additive "The call compiles as before and goes to another address.",
    AuthTightened "auth-tightened" Breaking "A call that needed no token of that kind fails without one.",
    AuthLoosened "auth-loosened" Additive "What was demanded no longer is.",
    ServiceChanged "service-changed" Breaking "The client that it was sent with no longer takes it.",
    IdempotencyChanged "idempotency-changed" Additive "It is repeated after other failures than before.",
    EffectChanged "effect-changed" Additive "The metadata says otherwise; nothing in the types does.",
    RateLimitChanged "rate-limit-changed" Additive "The metadata says otherwise; nothing in the types does.",
    LongPollChanged "long-poll-changed" Additive "Another timeout applies.",
    ReplyChanged "reply-changed" Additive "Another kind of answer; its members have rows of their own.",
    OperationDeprecated "operation-deprecated" Additive "Its use warns.",
    OperationReinstated "operation-reinstated" Additive "Its use no longer warns.",
    StatusesChanged "statuses-changed" Docs "Every failure is one type, whatever its status.",
    ErrcodesChanged "errcodes-changed" Docs "The type of error codes is open.",
    FieldAdded "field-added" Additive "Structs are non-exhaustive, and nothing has to be said of it.",
    FieldAddedRequired "field-added-required" Breaking "The constructor has one more argument.",
    FieldRemoved "field-removed" Breaking "The field is gone.",
    FieldRenamed "field-renamed" Breaking "The same value under another name.",
    FieldRetyped "field-retyped" Breaking "The field has another type.",
    FieldBecameRequired "field-became-required" Breaking "The field is no longer optional: its type, and what makes it, change.",
    FieldRequiredKept "field-required-kept" Additive "The old constructor stays for a while, deprecated, beside one that takes the field.",
    FieldBecameOptional "field-became-optional" Breaking "The field is now optional: its type, and what makes it, change.",
    FieldNullChanged "field-null-changed" Breaking "Null is now a value, or no longer one: the type changes.",
    FieldMoved "field-moved" Additive "The same field travels in another place.",
    FieldWireChanged "field-wire-changed" Additive "The same field travels under another name or in another form.",
    FieldNeedUnseen "field-need-unseen" Docs "A list or map that is missing is empty, whether or not it had to be there.",
    FieldDeprecated "field-deprecated" Additive "Its use warns.",
    FieldReinstated "field-reinstated" Additive "Its use no longer warns.",
    ArgumentsReordered "arguments-reordered" Breaking "The constructor takes the same values in another order.",
    TypeAdded "type-added" Additive "A type appears.",
    TypeRemoved "type-removed" Breaking "The type is gone.",
    TypeRenamed "type-renamed" Breaking "The same type under another path.",
    TypeReshaped "type-reshaped" Breaking "A struct, an enum of texts, an enum of JSON kinds: it has become another of them.",
    TypeNowSent "type-now-sent" Additive "The type can now be made.",
    TypeNotSent "type-not-sent" Breaking "The type loses its constructor.",
    TypeNowReceived "type-now-received" Additive "The type can now be read.",
    TypeNotReceived "type-not-received" Breaking "The type can no longer be read.",
    TypeReachGrew "type-reach-grew" Additive "More features have the type.",
    TypeReachShrank "type-reach-shrank" Breaking "Fewer features have the type.",
    ValueAdded "value-added" Additive "Enums are open: every match has an arm for the unknown.",
    ValueRemoved "value-removed" Breaking "The variant is gone.",
    ValueRenamed "value-renamed" Breaking "The same value under another name.",
    ValueWireChanged "value-wire-changed" Additive "The same variant stands for another text.",
    KindAdded "kind-added" Additive "The enum is non-exhaustive.",
    KindRemoved "kind-removed" Breaking "The variant is gone.",
    KindRetyped "kind-retyped" Breaking "The variant holds another type.",
    ContentAdded "content-added" Additive "A content appears, and a variant of it where its events occur.",
    ContentRemoved "content-removed" Breaking "The content and its types are gone.",
    ContentKindAdded "content-kind-added" Additive "Its events occur in one more place, and can be sent there.",
    ContentKindRemoved "content-kind-removed" Breaking "Its events no longer occur there, and are not taken there.",
    ContentKeyRetyped "content-key-retyped" Breaking "The key of its state events has another type.",
    SinceChanged "since-changed" Docs "The version that brought it is a line of documentation and metadata.",
    LinkChanged "link-changed" Docs "The link into the specification is documentation and metadata.",
    WordsChanged "words-changed" Docs "Our own words.",
}
