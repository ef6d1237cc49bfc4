//! A hundred transactions in one block.
#![deny(warnings)]

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Many {
    n: u64,
}

#[prevalent]
impl Many {
    #[tx]
    pub fn add_0(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 0 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_1(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 1 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_2(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 2 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_3(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 3 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_4(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 4 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_5(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 5 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_6(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 6 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_7(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 7 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_8(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 8 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_9(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 9 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_10(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 10 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_11(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 11 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_12(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 12 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_13(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 13 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_14(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 14 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_15(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 15 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_16(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 16 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_17(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 17 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_18(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 18 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_19(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 19 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_20(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 20 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_21(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 21 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_22(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 22 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_23(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 23 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_24(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 24 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_25(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 25 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_26(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 26 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_27(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 27 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_28(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 28 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_29(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 29 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_30(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 30 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_31(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 31 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_32(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 32 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_33(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 33 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_34(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 34 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_35(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 35 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_36(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 36 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_37(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 37 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_38(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 38 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_39(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 39 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_40(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 40 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_41(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 41 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_42(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 42 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_43(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 43 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_44(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 44 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_45(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 45 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_46(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 46 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_47(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 47 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_48(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 48 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_49(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 49 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_50(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 50 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_51(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 51 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_52(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 52 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_53(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 53 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_54(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 54 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_55(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 55 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_56(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 56 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_57(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 57 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_58(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 58 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_59(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 59 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_60(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 60 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_61(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 61 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_62(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 62 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_63(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 63 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_64(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 64 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_65(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 65 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_66(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 66 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_67(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 67 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_68(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 68 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_69(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 69 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_70(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 70 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_71(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 71 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_72(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 72 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_73(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 73 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_74(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 74 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_75(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 75 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_76(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 76 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_77(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 77 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_78(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 78 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_79(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 79 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_80(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 80 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_81(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 81 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_82(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 82 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_83(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 83 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_84(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 84 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_85(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 85 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_86(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 86 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_87(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 87 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_88(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 88 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_89(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 89 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_90(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 90 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_91(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 91 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_92(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 92 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_93(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 93 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_94(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 94 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_95(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 95 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_96(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 96 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_97(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 97 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_98(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 98 + why.len() as u64;
        self.n
    }

    #[tx]
    pub fn add_99(&mut self, by: u64, why: &str) -> u64 {
        self.n += by + 99 + why.len() as u64;
        self.n
    }
}

fn main() {
    let store = ManyStore::in_memory();
    store.add_0(1, "a").wait().unwrap();
    assert_eq!(store.add_99(0, "").wait().unwrap(), 101);
    assert_eq!(store.commit(ManyTx::Add50 { by: 0, why: String::new() }).wait().is_ok(), true);
}
