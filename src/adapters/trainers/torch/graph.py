"""The computation of the model, in ONNX's own textual form; ``adapters.trainers.torch.export`` adds the weights."""

from adapters.trainers.torch.deep import KERNEL

_GRAPH = """
<ir_version: 10, opset_import: ["" : 21]>
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
    {entities}
    {phrases}

    masked = Mul(states, mask)
    sums = ReduceSum <keepdims = 0> (masked, one_axis)
    mean = Div(sums, some)
    hidden = Where(held_column, states, lowest)
    most = ReduceMax <keepdims = 0> (hidden, one_axis)
    {attention}
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
    wide{n} = Pad(clean{n}, margins)
    {taps}
    {rise}
    relu{n} = Relu(blocks_{n}_rise)
    {fall}
    x{next} = Add(x{n}, blocks_{n}_fall)
"""

_TAP = """
    part{n}_{k} = Slice(wide{n}, tap{k}, end{k}, one_axis)
    product{n}_{k} = Mul(part{n}_{k}, blocks_{n}_tap_{k})
    mixed{n}_{k} = {add}(product{n}_{k}{before})
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


def graph_text(blocks: int) -> str:
    """The graph of a net with so many blocks, without its weights."""
    return _GRAPH.format(
        enter=_quick("enter", "entry", "entered"),
        context=_linear("context", "entry_mean"),
        blocks="".join(map(_block, range(blocks))),
        last=blocks,
        entities=_linear("entities", "states"),
        phrases=_linear("phrases", "states"),
        attention=_linear("attention", "states"),
        summary=_linear("summary", "summed"),
        sentiment=_linear("sentiment", "summary_relu"),
        piece_pool=_POOL.format(name="wide_pieces", buckets="piece_buckets"),
        char_pool=_POOL.format(name="wide_chars", buckets="char_buckets"),
    )


def _linear(name: str, source: str, target: str = "") -> str:
    """A dense layer whose weights are stored in 16 bits."""
    return f"""
    {name}_wide = Cast <to = 1> ({name}_weight)
    {name}_product = MatMul({source}, {name}_wide)
    {target or name} = Add({name}_product, {name}_bias)
    """


def _quick(name: str, source: str, target: str = "") -> str:
    """A dense layer in 8-bit integers: the runtime fuses this into one integer product."""
    return f"""
    {name}_steps = QuantizeLinear({source}, {name}_step, {name}_zero)
    {name}_input = DequantizeLinear({name}_steps, {name}_step, {name}_zero)
    {name}_floats = DequantizeLinear <axis = 1> ({name}_table, {name}_scale)
    {name}_product = MatMul({name}_input, {name}_floats)
    {target or name} = Add({name}_product, {name}_bias)
    """


def _block(n: int) -> str:
    taps = [
        _TAP.format(n=n, k=k, add="Add" if k else "Identity", before=f", mixed{n}_{k - 1}" if k else "")
        for k in range(KERNEL)
    ]
    return _BLOCK.format(
        n=n,
        next=n + 1,
        taps="".join(taps),
        rise=_quick(f"blocks_{n}_rise", f"mixed{n}_{KERNEL - 1}"),
        fall=_quick(f"blocks_{n}_fall", f"relu{n}"),
    )
