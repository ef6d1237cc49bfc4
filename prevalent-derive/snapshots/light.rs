// An enum without stored fields, functions called after a load, methods under conditions.

#[prevalent(restored = Self::look)]
#[derive(Debug, Default)]
pub enum Light {
    #[default]
    Off,
    On(Colour),
}

#[prevalent]
impl Light {
    #[tx]
    #[cfg(feature = "dim")]
    pub fn dim(&mut self, to: Colour) {}

    #[tx]
    #[cfg(not(feature = "dim"))]
    pub fn dim(&mut self) {}

    fn look(&mut self) {}
}
