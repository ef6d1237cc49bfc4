//! Versions count from 1, and each old one has a function.
//! mistakes: 7
use prevalent::prevalent;

#[prevalent(version = 0)]
#[derive(Debug, Default)]
pub struct Sessions;

#[prevalent(from(u8 => Self::up))]
#[derive(Debug, Default)]
pub struct Board;

#[prevalent(version = 2, from(u8 => Self::up, u16 => Self::up))]
#[derive(Debug, Default)]
pub struct Bank;

#[prevalent(version = 1, from(u8 => Self::up))]
#[derive(Debug, Default)]
pub struct Shop;

#[prevalent(version = 2, from())]
#[derive(Debug, Default)]
pub struct Game;

#[prevalent(version = 2, from(u8))]
#[derive(Debug, Default)]
pub struct Queue;

#[prevalent(version = two, from(u8 => Self::up))]
#[derive(Debug, Default)]
pub struct Index;

fn main() {}
