//! The test that `lock` makes: it is there, it needs nothing in scope, and it gives no warnings.
#![no_implicit_prelude]
#![deny(warnings, clippy::pedantic)]

#[::prevalent::prevalent]
#[derive(::std::fmt::Debug, ::std::default::Default)]
struct UserSessions {
    count: u64,
}

#[::prevalent::prevalent(lock = "tests/user_sessions.schema.json", vis = pub(self))]
impl UserSessions {
    #[tx]
    fn create(&mut self, user_id: u64) {
        self.count += user_id;
    }
}

#[::core::prelude::v1::test]
fn the_lock_s_test_has_the_model_s_name() {
    let _: fn() = user_sessions_schema_lock;
}
