// A machine without vector instructions, as far as a program can tell.
WebAssembly.validate = () => false;

const { classify, isSupported } = await import('haemolens');
const error = await classify(new Uint8Array(1)).catch((reason) => reason);
console.log(JSON.stringify({ supported: isSupported(), name: error.name, message: error.message }));
