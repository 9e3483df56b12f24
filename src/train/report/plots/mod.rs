//! Plots as SVG: on white, so that they read on light and dark pages alike, in colours that the
//! colour-blind tell apart (Okabe and Ito 2008), with a marker of its own for each network.

pub mod confusion;
pub mod learning;
pub mod reliability;
pub mod roc;

use std::ops::Range;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::train::predictions::{Network, Preset, TableName};
use crate::train::{Result, TrainError};

/// Where a plot is drawn.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Whether drawing went well.
pub type Drawn = std::result::Result<
    (),
    DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>,
>;

/// plotters rounds to whole units: a plot is drawn this much larger than it is shown.
const SCALE: u32 = 2;
/// Size of the words, units.
const WORDS: u32 = 13 * SCALE;
const TITLE: u32 = 16 * SCALE;
const LINE: u32 = 2 * SCALE;
const THIN: u32 = SCALE;
/// Room above the first line, units.
const TOP: u32 = 6 * SCALE;
const MARKER: u32 = 4 * SCALE;

const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
const VERMILION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const FAINT: RGBColor = RGBColor(0xcc, 0xcc, 0xcc);

/// A network's colour in every plot.
fn colour(network: Network) -> RGBColor {
    match network {
        Network::Cnn => BLUE,
        Network::CnnPlain => PURPLE,
        Network::AlexNet => GREEN,
        Network::AlexNetSvm => VERMILION,
    }
}

/// `AlexNet-SVM, preset best`.
pub fn label(name: TableName) -> String {
    format!("{}, preset {}", name.network.title(), name.preset.name())
}

/// Draws an SVG of `width × height` pixels.
///
/// # Errors
/// [`TrainError::Data`] when a plot cannot be drawn.
pub fn svg(
    title: &str,
    width: u32,
    height: u32,
    draw: impl FnOnce(&Area) -> Drawn,
) -> Result<String> {
    let mut out = String::new();
    let wrong = |e: &dyn std::fmt::Display| TrainError::Data(format!("plot “{title}”: {e}"));
    {
        let area =
            SVGBackend::with_string(&mut out, (width * SCALE, height * SCALE)).into_drawing_area();
        area.fill(&WHITE).map_err(|e| wrong(&e))?;
        draw(&area.margin(TOP, 0, 0, 0)).map_err(|e| wrong(&e))?;
        area.present().map_err(|e| wrong(&e))?;
    }
    let body = out.split_once('\n').ok_or_else(|| wrong(&"it is empty"))?.1;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {} {}\">\n<title>{}</title>\n{body}",
        width * SCALE,
        height * SCALE,
        escape(title),
    ))
}

/// Text as XML holds it.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn words(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

/// A line of a chart.
struct Curve {
    /// In the legend; none where empty.
    label: String,
    points: Vec<(f64, f64)>,
    colour: RGBColor,
    dashed: bool,
    /// One of several that another sums up: pale and thin.
    faint: bool,
    marker: Option<Marker>,
}

#[derive(Clone, Copy)]
enum Marker {
    Circle,
    Triangle,
    Cross,
    Square,
}

impl Curve {
    /// A network's: the paper's preset dashed, ours whole.
    fn of(name: TableName, label: String, points: Vec<(f64, f64)>) -> Self {
        Self {
            label,
            points,
            colour: colour(name.network),
            dashed: name.preset == Preset::Paper,
            faint: false,
            marker: None,
        }
    }

    fn marked(mut self, network: Network) -> Self {
        self.marker = Some(match network {
            Network::Cnn => Marker::Circle,
            Network::CnnPlain => Marker::Cross,
            Network::AlexNet => Marker::Square,
            Network::AlexNetSvm => Marker::Triangle,
        });
        self
    }

    fn style(&self) -> ShapeStyle {
        if self.faint {
            self.colour.mix(0.4).stroke_width(THIN)
        } else {
            self.colour.stroke_width(LINE)
        }
    }
}

/// What a chart is drawn in.
struct Axes<'a> {
    title: &'a str,
    x_words: &'a str,
    y_words: &'a str,
    x: Range<f64>,
    y: Range<f64>,
    /// Draws the line from corner to corner.
    diagonal: bool,
}

/// Height of a line of the legend.
const LEGEND_ROW: u32 = 19 * SCALE;

/// Height of the legend that [`chart`] puts under its axes, pixels.
fn legend_height(curves: &[Curve]) -> u32 {
    let named = curves.iter().filter(|c| !c.label.is_empty()).count();
    (named as u32 + 1) * LEGEND_ROW / SCALE
}

/// Curves over axes, the legend under them.
fn chart(area: &Area, axes: &Axes, curves: &[Curve]) -> Drawn {
    let height = area.dim_in_pixel().1 - legend_height(curves) * SCALE;
    let (area, legend) = area.split_vertically(height);
    let mut chart = ChartBuilder::on(&area)
        .caption(axes.title, words(TITLE))
        .margin(10 * SCALE)
        .x_label_area_size(44 * SCALE)
        .y_label_area_size(58 * SCALE)
        .build_cartesian_2d(axes.x.clone(), axes.y.clone())?;
    chart
        .configure_mesh()
        .x_desc(axes.x_words)
        .y_desc(axes.y_words)
        .axis_desc_style(words(WORDS))
        .label_style(words(WORDS))
        .axis_style(INK)
        .bold_line_style(FAINT)
        .light_line_style(WHITE)
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&plain_number)
        .y_label_formatter(&plain_number)
        .draw()?;
    if axes.diagonal {
        let ends = [(axes.x.start, axes.y.start), (axes.x.end, axes.y.end)];
        chart.draw_series(LineSeries::new(ends, INK.stroke_width(THIN)))?;
    }
    for curve in curves {
        let points = curve.points.iter().copied();
        if curve.dashed {
            let (dash, gap) = (6 * SCALE, 3 * SCALE);
            chart.draw_series(DashedLineSeries::new(points, dash, gap, curve.style()))?;
        } else {
            chart.draw_series(LineSeries::new(points, curve.style()))?;
        }
    }
    // Pixels of the whole plot → pixels of this area.
    let (left, top) = area.get_base_pixel();
    for curve in curves {
        if let Some(marker) = curve.marker {
            for point in &curve.points {
                let (x, y) = chart.backend_coord(point);
                draw_marker(&area, (x - left, y - top), marker, curve.colour)?;
            }
        }
    }
    draw_legend(&legend, curves)
}

/// A number without the noise of binary fractions: 0.3, 20.
fn plain_number(value: &f64) -> String {
    ((value * 1e6).round() / 1e6).to_string()
}

/// Lists the curves that have a label.
fn draw_legend(area: &Area, curves: &[Curve]) -> Drawn {
    let (start, key) = (68 * SCALE as i32, 32 * SCALE as i32);
    let style = words(WORDS).pos(Pos::new(HPos::Left, VPos::Center));
    let named = curves.iter().filter(|c| !c.label.is_empty());
    for (i, curve) in named.enumerate() {
        let middle = LEGEND_ROW as i32 * (2 * i as i32 + 1) / 2;
        let pieces: &[(i32, i32)] = if curve.dashed {
            &[(0, 2), (3, 5), (6, 8)]
        } else {
            &[(0, 8)]
        };
        for (from, to) in pieces {
            let ends = [from, to].map(|at| (start + at * key / 8, middle));
            area.draw(&PathElement::new(ends, curve.style()))?;
        }
        if let Some(marker) = curve.marker {
            draw_marker(area, (start + key / 2, middle), marker, curve.colour)?;
        }
        let at = (start + key + 8 * SCALE as i32, middle);
        area.draw(&Text::new(curve.label.as_str(), at, style.clone()))?;
    }
    Ok(())
}

fn draw_marker(area: &Area, (x, y): (i32, i32), marker: Marker, colour: RGBColor) -> Drawn {
    let r = MARKER as i32;
    let filled = colour.filled();
    match marker {
        Marker::Circle => area.draw(&Circle::new((x, y), r, filled)),
        Marker::Square => area.draw(&Rectangle::new([(x - r, y - r), (x + r, y + r)], filled)),
        Marker::Triangle => area.draw(&Polygon::new(
            vec![(x, y - r), (x + r, y + r), (x - r, y + r)],
            filled,
        )),
        Marker::Cross => {
            let stroke = colour.stroke_width(LINE);
            area.draw(&PathElement::new([(x - r, y - r), (x + r, y + r)], stroke))?;
            area.draw(&PathElement::new([(x - r, y + r), (x + r, y - r)], stroke))
        }
    }
}
