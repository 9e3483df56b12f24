//! The paper's own numbers, beside which ours stand.

use crate::train::predictions::Network;

/// What the paper says of one of its networks.
pub struct PaperNetwork {
    /// Which.
    pub network: Network,
    /// Share of the images that trained (Table 2; the text and Table 1 say 70 %).
    pub training_share: f64,
    /// Initial learning rate (Table 2).
    pub rate: f64,
    /// Epochs (Table 2).
    pub epochs: usize,
    /// Accuracy in training (Table 2).
    pub train_accuracy: f64,
    /// Accuracy in testing (Tables 2 and 4).
    pub test_accuracy: f64,
    /// Mean squared error reached (Table 2; on which images is not said).
    pub mse: f64,
    /// Test images called right (Table 4).
    pub correct: usize,
    /// Accuracy (Table 5).
    pub accuracy: f64,
    /// Sensitivity (Table 5).
    pub sensitivity: f64,
    /// Specificity (Table 5).
    pub specificity: f64,
    /// Share misclassified (Table 5).
    pub misclassified: f64,
}

/// Tables 2, 4 and 5.
pub const NETWORKS: [PaperNetwork; 3] = [
    PaperNetwork {
        network: Network::Cnn,
        training_share: 0.8,
        rate: 0.001,
        epochs: 100,
        train_accuracy: 0.9289,
        test_accuracy: 0.9065,
        mse: 0.092,
        correct: 3436,
        accuracy: 0.89,
        sensitivity: 0.90,
        specificity: 0.86,
        misclassified: 0.11,
    },
    PaperNetwork {
        network: Network::AlexNet,
        training_share: 0.8,
        rate: 0.01,
        epochs: 200,
        train_accuracy: 0.9412,
        test_accuracy: 0.9213,
        mse: 0.087,
        correct: 3492,
        accuracy: 0.91,
        sensitivity: 0.93,
        specificity: 0.88,
        misclassified: 0.09,
    },
    PaperNetwork {
        network: Network::AlexNetSvm,
        training_share: 0.8,
        rate: 0.01,
        epochs: 140,
        train_accuracy: 0.9634,
        test_accuracy: 0.9348,
        mse: 0.054,
        correct: 3543,
        accuracy: 0.93,
        sensitivity: 0.95,
        specificity: 0.90,
        misclassified: 0.07,
    },
];

/// Images of the paper, its five copies of each slice counted (section 5.1).
pub const IMAGES: usize = 12_635;
/// Its test images (Table 4).
pub const TEST_IMAGES: usize = 3_790;
/// Test accuracy of the CNN without batch norm and dropout (section 5.3.1).
pub const CNN_PLAIN_ACCURACY: f64 = 0.8733;
/// Accuracy of the CNN on images found on the internet (section 5.3.1).
pub const CNN_EXTERNAL_ACCURACY: f64 = 0.8713;
/// Loss after each convolution (Table 3, headed “CNN”, though the CNN has four convolutions).
pub const LAYER_LOSS: [f64; 5] = [0.186, 0.341, 0.412, 0.46, 0.51];

/// Earlier works (Table 6): name, images, accuracy.
pub const EARLIER: [(&str, usize, f64); 4] = [
    ("AlexNet, Desai et al. 2017", 11_088, 0.92),
    ("CNN, Helwan et al. 2018", 2_527, 0.896),
    ("autoencoder, Helwan et al. 2018", 2_527, 0.883),
    ("stacked autoencoder, Helwan et al. 2018", 2_527, 0.909),
];

/// The paper's row of a network, if it has one.
pub fn of(network: Network) -> Option<&'static PaperNetwork> {
    NETWORKS.iter().find(|n| n.network == network)
}
