//! The one error type of the crate; its names are a contract with JavaScript and the command line.

/// Why an input could not be classified.
///
/// The variant's name (see [`Error::name`]) is part of the public contract: JavaScript sees it as
/// `error.name`, the command line prints it in JSON. The message is a sentence that says what to do.
///
/// ```
/// use haemolens::{Classifier, Error};
///
/// match Classifier::new()?.classify(b"") {
///     Err(error @ Error::EmptyInput) => assert_eq!(error.name(), "EmptyInput"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are of no format that this build reads.
    #[error("{0}")]
    UnsupportedFormat(String),
    /// The format is known but the content is damaged, cut short or not usable as a slice.
    #[error("{0}")]
    CorruptImage(String),
    /// The image is larger than the documented limits (see [`crate::slice::limits`]).
    #[error("{0}")]
    TooLarge(String),
    /// There are no bytes at all.
    #[error("The file is empty (0 bytes). Export or copy the image again.")]
    EmptyInput,
    /// A DICOM file in a transfer syntax that this build cannot decode.
    #[error("{0}")]
    UnsupportedTransferSyntax(String),
    /// A DICOM file without an image in it.
    #[error("{0}")]
    NoPixelData(String),
    /// The bytes hold several slices where one was asked for.
    #[error("{0}")]
    SeveralSlices(String),
    /// An operating point or a share of haemorrhage that there cannot be, or that the model cannot answer
    /// for.
    #[error("{0}")]
    InvalidSetting(String),
    /// A kind of haemorrhage that the model does not tell.
    #[error("{0}")]
    UnknownKind(String),
    /// The stored model is damaged or of another version.
    #[error("{0}")]
    CorruptModel(String),
    /// The browser lacks something that the engine needs.
    #[error("{0}")]
    UnsupportedBrowser(String),
    /// A mistake of ours.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// The variant's name, as JavaScript and the command line give it.
    ///
    /// ```
    /// use haemolens::slice::Slice;
    ///
    /// let error = Slice::from_bytes(b"no picture, this").unwrap_err();
    /// assert_eq!(error.name(), "UnsupportedFormat");
    /// ```
    pub fn name(&self) -> &'static str {
        match self {
            Error::UnsupportedFormat(_) => "UnsupportedFormat",
            Error::CorruptImage(_) => "CorruptImage",
            Error::TooLarge(_) => "TooLarge",
            Error::EmptyInput => "EmptyInput",
            Error::UnsupportedTransferSyntax(_) => "UnsupportedTransferSyntax",
            Error::NoPixelData(_) => "NoPixelData",
            Error::SeveralSlices(_) => "SeveralSlices",
            Error::InvalidSetting(_) => "InvalidSetting",
            Error::UnknownKind(_) => "UnknownKind",
            Error::CorruptModel(_) => "CorruptModel",
            Error::UnsupportedBrowser(_) => "UnsupportedBrowser",
            Error::Internal(_) => "Internal",
        }
    }

    /// The same, said of a part of a file: a file in an archive, a slice among several.
    ///
    /// ```
    /// use haemolens::Error;
    ///
    /// let error = Error::CorruptImage("It is cut short.".into()).of("head/3.png");
    /// assert_eq!(error.to_string(), "head/3.png: It is cut short.");
    /// ```
    pub fn of(mut self, name: &str) -> Self {
        match &mut self {
            Error::EmptyInput => {}
            Error::UnsupportedFormat(words)
            | Error::CorruptImage(words)
            | Error::TooLarge(words)
            | Error::UnsupportedTransferSyntax(words)
            | Error::NoPixelData(words)
            | Error::SeveralSlices(words)
            | Error::InvalidSetting(words)
            | Error::UnknownKind(words)
            | Error::CorruptModel(words)
            | Error::UnsupportedBrowser(words)
            | Error::Internal(words) => words.insert_str(0, &format!("{name}: ")),
        }
        self
    }
}
