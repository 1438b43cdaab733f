//! A small plot: throughput over the size of the input, whose axis is by powers of ten.

use std::fmt::Write as _;

/// A named line of points: bytes of the input, MB/s.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    pub(crate) points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 336.0;
const COLOURS: [&str; 5] = ["#d1495b", "#1b6ca8", "#5f8a3c", "#8d5a97", "#666666"];

/// An SVG of the lines.
pub(crate) fn svg(title: &str, lines: &[Line<'_>]) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let powers = points().map(|point| point.0.log10().round() as i32);
    let (first, last) = powers.fold((i32::MAX, i32::MIN), |(least, most), power| (least.min(power), most.max(power)));
    let most = points().fold(0.0_f64, |most, point| most.max(point.1));
    let step = step(most);
    let x = |bytes: f64| LEFT + (bytes.log10() - f64::from(first)) / f64::from((last - first).max(1)) * (RIGHT - LEFT);
    let y = |rate: f64| BOTTOM - rate / (step * (most / step).ceil()) * (BOTTOM - TOP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"14\">{title}</text>\n"
    );
    for power in first..=last {
        let at = x(10_f64.powi(power));
        let _ = writeln!(svg, "<path d=\"M{at:.1} {TOP}V{BOTTOM}\" stroke=\"#ddd\"/>");
        let _ =
            writeln!(svg, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>", BOTTOM + 18.0, bytes(power));
    }
    for rate in (0..).map(|count| f64::from(count) * step).take_while(|rate| *rate < most + step) {
        let at = y(rate);
        let _ = writeln!(svg, "<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#ddd\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{rate}</text>", LEFT - 6.0, at + 4.0);
    }
    draw(&mut svg, lines, x, y);
    svg.push_str("</svg>\n");
    svg
}

/// The lines, each with its name at its end; names keep out of each other's way.
fn draw(svg: &mut String, lines: &[Line<'_>], x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) {
    let mut names = Vec::new();
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let path: Vec<String> =
            line.points.iter().map(|(size, rate)| format!("{:.1} {:.1}", x(*size), y(*rate))).collect();
        let _ = writeln!(svg, "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>", path.join("L"));
        if let Some((size, rate)) = line.points.last() {
            names.push((y(*rate) + 4.0, x(*size) + 8.0, line.name, colour));
        }
    }
    names.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut free = 0.0_f64;
    for (y, x, name, colour) in names {
        let y = y.max(free);
        free = y + 15.0;
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{name}</text>");
    }
}

/// 1, 2 or 5 times a power of ten, so that there are some five lines.
fn step(most: f64) -> f64 {
    let rough = most / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough).unwrap_or(rough)
}

fn bytes(power: i32) -> String {
    let (unit, below) = match power {
        ..3 => ("B", 0),
        3..6 => ("KB", 3),
        6..9 => ("MB", 6),
        _ => ("GB", 9),
    };
    format!("{} {unit}", 10_i64.pow((power - below).unsigned_abs()))
}
