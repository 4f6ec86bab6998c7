"""The computation of the model, in ONNX's own textual form; ``adapters.trainers.torch.export`` adds the weights.

The encoder's layers are written in the runtime's own integer operators: it has no standard form of a dense layer that
takes bytes and gives floats, and none of a convolution over bytes whose channels come last.
"""

from adapters.trainers.torch.deep import KERNEL

_GRAPH = """
<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1]>
sentiment (
    int64[texts, pieces] ids, int64[texts, pieces] shapes, int64[texts] lengths,
    int64[texts, p] piece_buckets, int64[texts, c] char_buckets, int64[texts] languages
) => (
    float[texts, pieces, e] entities, float[texts, pieces, k] phrases, float[texts, s] deep, float[texts, s] wide
) {{
    piece_rows = Gather(pieces_table, ids)
    piece_floats = Cast <to = 1> (piece_rows)
    piece_scales = Gather(pieces_scale, ids)
    piece_vectors = Mul(piece_floats, piece_scales)
    shape_vectors = Gather(shapes_weight, shapes)
    entry = Concat <axis = 2> (piece_vectors, shape_vectors)
    entry_steps = QuantizeLinear(entry, enter_step, enter_zero)
    {enter}

    sizes = Shape(ids)
    width = Gather(sizes, one)
    columns = Range(zero, width, one)
    ends = Unsqueeze(lengths, one_axis)
    held = Less(columns, ends)
    held_column = Unsqueeze(held, two_axis)
    mask = Cast <to = 1> (held_column)
    counts = ReduceSum <keepdims = 0> (mask, one_axis)
    some = Max(counts, float_one)

    entry_masked = Mul(entered, mask)
    entry_sums = ReduceSum <keepdims = 0> (entry_masked, one_axis)
    entry_mean = Div(entry_sums, some)
    {context}
    context_row = Unsqueeze(context, one_axis)
    x0 = Add(entered, context_row)
    {blocks}
    states = LayerNormalization <axis = -1> (x{last}, norm_weight, norm_bias)
    {heads}
    entities, phrases, attention = Split <axis = 2> (heads, head_sizes)

    masked = Mul(states, mask)
    sums = ReduceSum <keepdims = 0> (masked, one_axis)
    mean = Div(sums, some)
    hidden = Where(held_column, states, lowest)
    most = ReduceMax <keepdims = 0> (hidden, one_axis)
    attention_held = Where(held_column, attention, lowest)
    attention_weights = Softmax <axis = 1> (attention_held)
    attention_rows = Transpose <perm = [0, 2, 1]> (attention_weights)
    pooled = MatMul(attention_rows, states)
    pools = Flatten <axis = 1> (pooled)
    summed = Concat <axis = 1> (mean, most, pools)
    {summary}
    summary_relu = Relu(summary)
    {sentiment}
    deep = Identity(sentiment)

    {piece_pool}
    {char_pool}
    both = Add(wide_pieces, wide_chars)
    prior = Gather(bias_weight, languages)
    wide = Add(both, prior)
}}
"""

_BLOCK = """
    norm{n} = LayerNormalization <axis = -1> (x{n}, blocks_{n}_norm_weight, blocks_{n}_norm_bias)
    clean{n} = Mul(norm{n}, mask)
    clean{n}_steps = QuantizeLinear(clean{n}, blocks_{n}_norm_step, blocks_{n}_norm_zero)
    mixed{n} = com.microsoft.QLinearConv
        <channels_last = 1, group = {channels}, kernel_shape = [{kernel}], pads = {pads}>
        (clean{n}_steps, blocks_{n}_norm_step, blocks_{n}_norm_zero, blocks_{n}_taps_table, blocks_{n}_taps_scale, even,
         blocks_{n}_rise_step, blocks_{n}_rise_zero)
    {rise}
    relu{n} = Relu(blocks_{n}_rise)
    relu{n}_steps = QuantizeLinear(relu{n}, blocks_{n}_fall_step, blocks_{n}_fall_zero)
    {fall}
    x{next} = Add(x{n}, blocks_{n}_fall)
"""

_POOL = """
    {name}_rows = Gather({name}_table, {buckets})
    {name}_floats = Cast <to = 1> ({name}_rows)
    {name}_sums = ReduceSum <keepdims = 0> ({name}_floats, one_axis)
    {name}_held = Less({buckets}, {name}_size)
    {name}_ones = Cast <to = 1> ({name}_held)
    {name}_counts = ReduceSum <keepdims = 1> ({name}_ones, one_axis)
    {name}_some = Max({name}_counts, float_one)
    {name}_roots = Sqrt({name}_some)
    {name}_scaled = Mul({name}_sums, {name}_scale)
    {name} = Div({name}_scaled, {name}_roots)
"""


def graph_text(blocks: int, width: int) -> str:
    """The graph of a net with so many blocks of this width, without its weights."""
    return _GRAPH.format(
        enter=_quick("enter", "entry_steps", "entered"),
        context=_linear("context", "entry_mean"),
        blocks="".join(_block(n, width) for n in range(blocks)),
        last=blocks,
        heads=_linear("heads", "states"),
        summary=_linear("summary", "summed"),
        sentiment=_linear("sentiment", "summary_relu"),
        piece_pool=_POOL.format(name="wide_pieces", buckets="piece_buckets"),
        char_pool=_POOL.format(name="wide_chars", buckets="char_buckets"),
    )


def _linear(name: str, source: str) -> str:
    """A dense layer whose weights are stored in 16 bits."""
    return f"""
    {name}_wide = Cast <to = 1> ({name}_weight)
    {name}_product = MatMul({source}, {name}_wide)
    {name} = Add({name}_product, {name}_bias)
    """


def _quick(name: str, source: str, target: str) -> str:
    """A dense layer of bytes."""
    return f"""
    {target} = com.microsoft.MatMulIntegerToFloat
        ({source}, {name}_table, {name}_step, {name}_scale, {name}_zero, even, {name}_bias)
    """


def _block(n: int, width: int) -> str:
    rise, fall = f"blocks_{n}_rise", f"blocks_{n}_fall"
    return _BLOCK.format(
        n=n,
        next=n + 1,
        channels=width,
        kernel=KERNEL,
        pads=[KERNEL // 2] * 2,
        rise=_quick(rise, f"mixed{n}", rise),
        fall=_quick(fall, f"relu{n}_steps", fall),
    )
