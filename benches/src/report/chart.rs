//! Line charts with two logarithmic axes, as SVG.

use std::fmt::Write;

/// A chart.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) x_title: &'static str,
    pub(super) y_title: &'static str,
    /// Where the x axis has its ticks, and what stands there.
    pub(super) x_ticks: Vec<(f64, String)>,
    /// What stands at a power of ten of the y axis.
    pub(super) y_tick: fn(f64) -> String,
    pub(super) lines: Vec<Line>,
}

/// A line of a chart.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) style: Style,
}

/// What a line looks like.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) colour: &'static str,
    pub(super) width: f64,
    /// As SVG has it; empty for a line without gaps.
    pub(super) dashes: &'static str,
}

const PLOT_WIDTH: f64 = 560.0;
const PLOT_HEIGHT: f64 = 400.0;
const LEFT: f64 = 84.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 56.0;
const LEGEND_WIDTH: f64 = 340.0;
const LEGEND_LINE: f64 = 19.0;

const WIDTH: f64 = LEFT + PLOT_WIDTH + LEGEND_WIDTH;
const HEIGHT: f64 = TOP + PLOT_HEIGHT + BOTTOM;

const INK: &str = "#222222";
const FAINT: &str = "#e3e3e3";

/// Charts below each other, in one picture.
pub(super) fn picture(charts: &[Chart]) -> String {
    let height = HEIGHT * charts.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"{INK}\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (place, chart) in charts.iter().enumerate() {
        // Writing to a string can't fail.
        let _ = writeln!(svg, "<g transform=\"translate(0 {})\">", HEIGHT * place as f64);
        chart.draw(&mut svg);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

impl Chart {
    fn draw(&self, svg: &mut String) {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let ticks = self.x_ticks.iter().map(|(x, _)| *x);
        let x = Axis::around(points().map(|point| point.0).chain(ticks), LEFT, LEFT + PLOT_WIDTH);
        let y =
            Axis::around(points().map(|point| point.1), TOP + PLOT_HEIGHT, TOP).widened_to_powers();
        self.draw_frame(svg, &x, &y);
        for line in &self.lines {
            line.draw(svg, &x, &y);
        }
        self.draw_legend(svg);
    }

    fn draw_frame(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let (right, bottom) = (LEFT + PLOT_WIDTH, TOP + PLOT_HEIGHT);
        text(svg, LEFT, 28.0, "start", "font-size=\"17\" font-weight=\"bold\"", &self.title);
        for power in y.powers() {
            let at = y.place(power);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"{FAINT}\"/>"
            );
            text(svg, LEFT - 8.0, at + 4.5, "end", "", &(self.y_tick)(power));
        }
        for (value, name) in &self.x_ticks {
            let at = x.place(*value);
            let _ = writeln!(
                svg,
                "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{bottom}\" stroke=\"{FAINT}\"/>"
            );
            text(svg, at, bottom + 18.0, "middle", "", name);
        }
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"{INK}\"/>"
        );
        text(svg, LEFT + PLOT_WIDTH / 2.0, bottom + 40.0, "middle", "", self.x_title);
        let turned = format!("transform=\"rotate(-90 18 {0})\"", TOP + PLOT_HEIGHT / 2.0);
        text(svg, 18.0, TOP + PLOT_HEIGHT / 2.0, "middle", &turned, self.y_title);
    }

    /// In the order in which the lines end, so that it reads like the chart.
    fn draw_legend(&self, svg: &mut String) {
        let mut lines: Vec<_> = self.lines.iter().collect();
        let end = |line: &Line| line.points.last().map_or(f64::MIN, |point| point.1);
        lines.sort_by(|a, b| end(b).total_cmp(&end(a)));
        let left = LEFT + PLOT_WIDTH + 18.0;
        for (place, line) in lines.into_iter().enumerate() {
            let at = TOP + 10.0 + LEGEND_LINE * place as f64;
            let _ = writeln!(
                svg,
                "<line x1=\"{left}\" x2=\"{}\" y1=\"{at}\" y2=\"{at}\" {}/>",
                left + 30.0,
                line.style.attributes()
            );
            text(svg, left + 38.0, at + 4.5, "start", "", &line.name);
        }
    }
}

impl Line {
    fn draw(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let places: Vec<_> =
            self.points.iter().map(|&(of_x, of_y)| (x.place(of_x), y.place(of_y))).collect();
        let path: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\" {}/>",
            path.join(" "),
            self.style.attributes()
        );
        for (x, y) in places {
            let (radius, colour) = (self.style.width + 0.8, self.style.colour);
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/>"
            );
        }
    }
}

impl Style {
    fn attributes(&self) -> String {
        let Style { colour, width, dashes } = self;
        let dashes = if dashes.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{dashes}\"")
        };
        format!("stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}")
    }
}

/// From values, by their logarithms, to places in the picture.
struct Axis {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Axis {
    fn around(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Axis {
        let logarithms = values.filter(|&value| value > 0.0).map(f64::log10);
        let (low, high) = logarithms
            .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        Axis { low, high: high.max(low + 0.1), start, end }
    }

    fn widened_to_powers(self) -> Axis {
        Axis { low: self.low.floor(), high: self.high.ceil(), ..self }
    }

    fn powers(&self) -> impl Iterator<Item = f64> {
        let (mut power, high) = (self.low, self.high);
        std::iter::from_fn(move || {
            let this = power;
            power += 1.0;
            (this <= high).then(|| 10_f64.powf(this))
        })
    }

    fn place(&self, value: f64) -> f64 {
        let part = (value.max(f64::MIN_POSITIVE).log10() - self.low) / (self.high - self.low);
        self.start + part.clamp(0.0, 1.0) * (self.end - self.start)
    }
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, attributes: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {attributes}>{words}</text>"
    );
}
