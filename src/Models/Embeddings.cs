namespace Agora.Models;

/// <summary>Texts of which vectors are asked.</summary>
/// <param name="Inputs">One at least; one vector each, in their order.</param>
public sealed record EmbeddingRequest(string Model, IReadOnlyList<EmbeddingInput> Inputs) : ModelRequest(Model, [])
{
    /// <summary>Values that a provider sends where nobody says how many: of today's models few have more.</summary>
    private const int UsualDimensions = 3_072;

    public override ModelKind Kind => ModelKind.Embeddings;

    /// <summary>Of each vector; null: as many as the model has.</summary>
    public int? Dimensions { get; init; }

    /// <summary>The client wants each vector as base64 of its values, 32 bits each, the lowest byte first; else as numbers.</summary>
    public bool AsBase64 { get; init; }

    public override int ReplyBytes => Inputs.Count * (Dimensions ?? UsualDimensions) * sizeof(float);
}

/// <summary>Closed: what one vector is made of.</summary>
public abstract record EmbeddingInput
{
    private EmbeddingInput()
    {
    }

    public sealed record Text(string Value) : EmbeddingInput;

    /// <summary>A text that the client has cut into tokens itself, by the numbers of the model's own tokenizer.</summary>
    public sealed record Tokens(IReadOnlyList<int> Ids) : EmbeddingInput;
}

/// <param name="Vectors">One for each input, in their order.</param>
public sealed record EmbeddingReply(string? Model, IReadOnlyList<float[]> Vectors, Usage? Usage) : ModelReply(null, Model, [], Usage, Models.Finish.Stop);
