//! Floating-point numbers as JSON, each bit kept: those that are none as texts.

const NAN_64: u64 = 0x7ff8_0000_0000_0000;
const NAN_32: u32 = 0x7fc0_0000;

/// The text for a number that JSON doesn't have.
pub(super) fn text_64(number: f64) -> String {
    match number.to_bits() {
        NAN_64 => "NaN".to_owned(),
        bits if number.is_nan() => format!("NaN:{bits:016x}"),
        _ => number.to_string(),
    }
}

/// The same for the short ones.
pub(super) fn text_32(number: f32) -> String {
    match number.to_bits() {
        NAN_32 => "NaN".to_owned(),
        bits if number.is_nan() => format!("NaN:{bits:08x}"),
        _ => number.to_string(),
    }
}

/// The number of a text.
pub(super) fn read_64(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::from_bits(NAN_64)),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => {
            let bits = u64::from_be_bytes(super::hex::read_array(text.strip_prefix("NaN:")?)?);
            Some(f64::from_bits(bits)).filter(|number| number.is_nan())
        }
    }
}

/// The same for the short ones.
pub(super) fn read_32(text: &str) -> Option<f32> {
    match text {
        "NaN" => Some(f32::from_bits(NAN_32)),
        "inf" => Some(f32::INFINITY),
        "-inf" => Some(f32::NEG_INFINITY),
        _ => {
            let bits = u32::from_be_bytes(super::hex::read_array(text.strip_prefix("NaN:")?)?);
            Some(f32::from_bits(bits)).filter(|number| number.is_nan())
        }
    }
}

/// Whether the fewest digits that tell a short number from the others give it back, when they are read as a long one and
/// shortened. Now and then the two roundings give another.
pub(super) fn survives_as_text(number: f32) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "this is what is tried")]
    number.to_string().parse::<f64>().is_ok_and(|long| (long as f32).to_bits() == number.to_bits())
}
