"""The embedded analyzer: one small ONNX model for twelve languages, run by onnxruntime."""
