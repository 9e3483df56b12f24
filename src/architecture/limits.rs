//! Which shapes the engine takes: nothing here allocates, so that a stored model that asks for the
//! absurd is refused before it costs anything.

use super::{Conv, Network, Readout};

/// Largest side of an input, pixels.
const LARGEST_SIDE: usize = 1024;
/// Most convolutions, and most fully connected layers.
const MOST_LAYERS: usize = 32;
/// Most outputs of a layer.
const MOST_OUTPUTS: usize = 1 << 16;
/// Largest side of a kernel, AlexNet's first.
const LARGEST_KERNEL: usize = 11;
/// Most channels that LRN looks at.
const LARGEST_LRN: usize = 255;
/// Most places that the mean of a unit's highest is taken over.
const MAX_TOP: usize = 64;
/// Most values of a map with its border.
const MOST_VALUES: u64 = 1 << 24;
/// Most weights of a layer; the paper's FC6 has 37.7 million.
const MOST_WEIGHTS: u64 = 1 << 26;
/// Most weights of one output: as many products of a weight (−128 at most) and an activation (255
/// at most) sum up in 32 bits whatever their values.
const LARGEST_ROW: u64 = i32::MAX as u64 / (128 * 255);

/// See [`Network::check`].
pub fn check(network: &Network) -> Result<(), String> {
    names(network)?;
    if !(1..=LARGEST_SIDE).contains(&network.input_side) {
        return Err(format!("its input's side is not 1 to {LARGEST_SIDE}"));
    }
    let counts = [network.convs.len(), network.linears.len()];
    if counts.iter().any(|n| !(1..=MOST_LAYERS).contains(n)) {
        return Err(format!(
            "it needs 1 to {MOST_LAYERS} convolutions and fully connected layers"
        ));
    }
    let (mut side, mut channels) = (network.input_side, 1);
    for conv in &network.convs {
        let wrong = |what: &str| format!("{} {what}", conv.name);
        parts(conv, channels).map_err(|what| wrong(&what))?;
        layer(conv.filters, conv.row(channels) as u64).map_err(|what| wrong(&what))?;
        let before = conv.conv_side(side);
        let after = conv.output_side(side);
        let (Some(before), Some(after)) = (before, after) else {
            return Err(wrong("has a window larger than its input"));
        };
        // The input's border is this layer's padding.
        let padded = (side + 2 * conv.padding) as u64;
        let input = padded * padded * channels as u64;
        let output = (before * before) as u64 * conv.filters as u64;
        if input.max(output) > MOST_VALUES {
            return Err(wrong("has maps too large to run"));
        }
        (side, channels) = (after, conv.filters);
    }
    let places = side * side;
    let mut inputs = match network.readout {
        Readout::Flatten => places as u64 * channels as u64,
        Readout::MeanAndTop { top } => {
            readout(network, places, top)?;
            channels as u64
        }
    };
    for linear in &network.linears {
        layer(linear.units, inputs).map_err(|what| format!("{} {what}", linear.name))?;
        inputs = linear.units as u64;
    }
    Ok(())
}

/// Means over the places of a last map, and over the `top` highest of them.
fn readout(network: &Network, places: usize, top: usize) -> Result<(), String> {
    if !(1..=MAX_TOP.min(places)).contains(&top) {
        return Err(format!(
            "it reads the {top} highest of {places} places; 1 to {MAX_TOP} of them make sense"
        ));
    }
    let [linear] = &network.linears[..] else {
        return Err("it needs one fully connected layer at every place".into());
    };
    // A layer has few enough units to multiply by; how many is checked with its other limits.
    if places as u64 * linear.units.min(MOST_OUTPUTS) as u64 > MOST_VALUES {
        return Err(format!("{} has a map too large to run", linear.name));
    }
    Ok(())
}

/// Layer names are prefixes of tensor names, and must not collide with each other or the planes.
fn names(network: &Network) -> Result<(), String> {
    let convs = network.convs.iter().map(|conv| conv.name.as_str());
    let linears = network.linears.iter().map(|linear| linear.name.as_str());
    let mut seen = vec!["haemorrhage", "normal"];
    for name in convs.chain(linears) {
        if name.is_empty() || seen.contains(&name) {
            return Err(format!("the layer name “{name}” is taken or empty"));
        }
        seen.push(name);
    }
    Ok(())
}

/// A convolution's own numbers, where its input has `channels` channels.
fn parts(conv: &Conv, channels: usize) -> Result<(), String> {
    if !(1..=LARGEST_KERNEL).contains(&conv.kernel) || conv.padding >= conv.kernel {
        return Err(format!(
            "has a kernel that is not 1 to {LARGEST_KERNEL} pixels, or padding as wide as that"
        ));
    }
    let divides = |n: usize| conv.groups > 0 && n.is_multiple_of(conv.groups);
    if !divides(channels) || !divides(conv.filters) {
        return Err("has impossible groups".into());
    }
    if conv.stride == 0 || conv.pool.is_some_and(|p| p.stride == 0 || p.size == 0) {
        return Err("does not move on".into());
    }
    if let Some(lrn) = conv.lrn {
        let odd = lrn.size <= LARGEST_LRN && lrn.size % 2 == 1;
        let finite = lrn.alpha.is_finite() && lrn.alpha >= 0.0;
        if !odd || !finite || !lrn.k.is_normal() || lrn.k < 0.0 {
            return Err("has an impossible normalisation".into());
        }
        if lrn.beta != 0.75 {
            return Err("has LRN with another beta than 0.75".into());
        }
    }
    Ok(())
}

/// Outputs and weights of any layer.
fn layer(outputs: usize, row: u64) -> Result<(), String> {
    if !(1..=MOST_OUTPUTS).contains(&outputs) || row > LARGEST_ROW {
        return Err(format!("has {outputs} outputs of {row} weights each"));
    }
    if outputs as u64 * row > MOST_WEIGHTS {
        return Err("has too many weights".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{IMAGENET_LRN, Linear, Pool};
    use super::*;

    /// Applies `change` to a sound network, and gives what is then wrong with it.
    fn wrong(change: impl FnOnce(&mut Network)) -> String {
        let mut network = Network::alexnet_svm(128, IMAGENET_LRN);
        change(&mut network);
        network.check().unwrap_err()
    }

    #[test]
    fn nonsense_is_refused_with_the_layer_named() {
        let pool = |size, stride| Some(Pool { size, stride });
        assert!(wrong(|n| n.convs[1].kernel = 0).starts_with("conv2"));
        assert!(wrong(|n| n.convs[1].kernel = 12).starts_with("conv2"));
        assert!(wrong(|n| n.convs[2].padding = 3).starts_with("conv3"));
        assert!(wrong(|n| n.convs[2].padding = usize::MAX).starts_with("conv3"));
        assert!(wrong(|n| n.convs[3].groups = 0).starts_with("conv4"));
        assert!(wrong(|n| n.convs[3].groups = 5).starts_with("conv4"));
        assert!(wrong(|n| n.convs[0].stride = 0).starts_with("conv1"));
        assert!(wrong(|n| n.convs[4].pool = pool(0, 1)).starts_with("conv5"));
        assert!(wrong(|n| n.convs[4].pool = pool(3, 0)).starts_with("conv5"));
        assert!(wrong(|n| n.convs[4].pool = pool(14, 1)).starts_with("conv5"));
        assert!(wrong(|n| n.convs[4].filters = 0).starts_with("conv5"));
        assert!(wrong(|n| n.linears[0].units = 0).starts_with("fc6"));
    }

    #[test]
    fn a_kernel_larger_than_its_input_does_not_fit() {
        assert!(wrong(|n| n.input_side = 7).contains("larger than its input"));
    }

    #[test]
    fn normalisation_that_would_divide_by_nothing_is_refused() {
        let change = |change: fn(&mut super::super::Lrn)| {
            wrong(|n| change(n.convs[0].lrn.as_mut().unwrap()))
        };
        assert!(change(|lrn| lrn.k = 0.0).contains("normalisation"));
        assert!(change(|lrn| lrn.alpha = f32::NAN).contains("normalisation"));
        assert!(change(|lrn| lrn.size = 4).contains("normalisation"));
        assert!(change(|lrn| lrn.beta = 0.5).contains("beta"));
    }

    #[test]
    fn sizes_that_would_overflow_or_fill_the_memory_are_refused() {
        wrong(|n| n.input_side = usize::MAX);
        wrong(|n| n.convs[4].filters = usize::MAX - 1);
        wrong(|n| n.linears[0].units = usize::MAX);
        assert!(wrong(|n| n.linears[0].units = 1 << 16).contains("too many weights"));
        assert!(
            wrong(|n| {
                n.input_side = 1024;
                n.convs[0].stride = 1;
            })
            .contains("maps too large")
        );
        assert!(
            wrong(|n| {
                n.convs.truncate(1);
                n.convs[0].pool = None;
            })
            .starts_with("fc6 has 128 outputs of 290400 weights"),
            "a sum that could pass 32 bits"
        );
    }

    #[test]
    fn more_highest_places_than_there_are_and_a_second_layer_are_refused() {
        let wrong = |change: fn(&mut Network)| {
            let mut network = Network::alexnet_svm_places(128, 4);
            change(&mut network);
            network.check().unwrap_err()
        };
        for change in [
            (|n: &mut Network| n.readout = Readout::MeanAndTop { top: 0 }) as fn(&mut Network),
            |n| n.readout = Readout::MeanAndTop { top: 65 },
            |n| n.readout = Readout::MeanAndTop { top: usize::MAX },
            |n| {
                n.convs[4].pool = Some(Pool {
                    size: 13,
                    stride: 1,
                })
            },
        ] {
            assert!(wrong(change).contains("highest of"));
        }
        assert!(wrong(|n| n.linears.push(Linear::new("fc7", 8))).contains("one fully connected"));
        assert!(wrong(|n| n.linears[0].units = usize::MAX).starts_with("fc6"));
        assert!(
            wrong(|n| {
                n.input_side = 1024;
                n.linears[0].units = 1 << 13;
            })
            .contains("too large to run")
        );
    }

    #[test]
    fn layers_need_names_of_their_own_and_must_be_there() {
        assert!(wrong(|n| n.linears[0].name = "conv1".into()).contains("conv1"));
        assert!(wrong(|n| n.linears[0].name = "normal".into()).contains("normal"));
        assert!(wrong(|n| n.linears[0].name = String::new()).contains("empty"));
        assert!(wrong(|n| n.linears.clear()).contains("1 to 32"));
        assert!(wrong(|n| n.convs.clear()).contains("1 to 32"));
        let many = |n: &mut Network| {
            n.linears = (0..40).map(|i| Linear::new(&format!("fc{i}"), 2)).collect();
        };
        assert!(wrong(many).contains("1 to 32"));
    }
}
